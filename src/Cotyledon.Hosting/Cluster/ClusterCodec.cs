using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Cluster;

/// <summary>
/// Converts records between their text in the store, which is JSON, and what <see cref="ClusterMember"/> uses. Members that this version does not
/// know are kept when a roster is written again, so that two versions of the program can share a cluster.
/// </summary>
internal sealed class ClusterCodec(string cluster)
{
    private const int MaxText = 1024 * 1024;
    private const int MaxServices = 1000;
    private const int MaxOwner = 64;
    private const int Protocol = 1;
    private const int NoOwner = -1;

    private readonly Dictionary<string, (long Revision, RosterText Text, Roster Roster)> _rosters = [];
    private readonly Dictionary<string, (long Revision, Pulse Pulse)> _pulses = [];

    public string Prefix => cluster + "/";

    public string PulsePrefix => cluster + "/pulse/";

    public string RosterPrefix => cluster + "/roster/";

    /// <summary>The beginnings of all keys. Rosters are read before pulses, as <see cref="ClusterView"/> demands.</summary>
    public IReadOnlyList<string> Prefixes => [RosterPrefix, PulsePrefix];

    /// <summary>Reads the records.</summary>
    /// <exception cref="ClusterStoreException">A record is invalid. Nothing is decided on the basis of a part of the records.</exception>
    public ClusterView Read(IReadOnlyList<ClusterRecord> records)
    {
        var view = new ClusterView(
            [.. from record in records
                where record.Key.StartsWith(PulsePrefix, StringComparison.Ordinal)
                select new Versioned<Pulse>(Read(record, ReadPulse), record.Revision)],
            [.. from record in records
                where record.Key.StartsWith(RosterPrefix, StringComparison.Ordinal)
                select new Versioned<Roster>(Read(record, ReadRoster), record.Revision)]);
        Forget(_pulses, view.Pulses.Select(p => p.Value.Session));
        Forget(_rosters, view.Rosters.Select(r => r.Value.Service));
        return view;
    }

    /// <summary>Reads the pulse of one session, for the case that other records are invalid.</summary>
    /// <exception cref="ClusterStoreException">The pulse is invalid.</exception>
    public Versioned<Pulse> ReadPulse(IReadOnlyList<ClusterRecord> records, string session) =>
        records.FirstOrDefault(r => r.Key == PulsePrefix + session) is { } record ? new Versioned<Pulse>(Read(record, ReadPulse), record.Revision) : default;

    public static string Write(Pulse pulse) => JsonSerializer.Serialize(
        new PulseText
        {
            Protocol = Protocol,
            Machine = pulse.Machine,
            ProcessId = pulse.ProcessId,
            Beat = pulse.Beat,
            Lease = pulse.Lease,
            Ended = pulse.HasEnded,
            Services = [.. pulse.Services.Select(s => new ServiceText { Name = s.Name, Workers = s.Workers, Max = s.MaxHere })],
        },
        ClusterJson.Default.PulseText);

    public string Write(Roster roster, long expectedRevision)
    {
        var owners = roster.Ids.Select(i => i.Owner).Where(o => o.Length > 0).Distinct().ToList();
        var places = owners.Index().ToDictionary(o => o.Item, o => o.Index);
        var known = _rosters.GetValueOrDefault(roster.Service);
        return JsonSerializer.Serialize(
            new RosterText
            {
                Protocol = Protocol,
                Owners = owners,
                Ids = [.. roster.Ids.Select(i => new[] { places.GetValueOrDefault(i.Owner, NoOwner), i.Incarnation })],
                Unknown = known.Revision == expectedRevision ? known.Text?.Unknown : null,
            },
            ClusterJson.Default.RosterText);
    }

    private static T Read<T>(ClusterRecord record, Func<ClusterRecord, T> read)
    {
        try
        {
            return read(record);
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            throw new ClusterStoreException(
                $"The record '{LogText.Escape(record.Key)}' is invalid: {LogText.Escape(e.Message)} The cluster does not change until the record is "
                + "valid. To repair it, stop all programs of the cluster, delete the record, and start them again.",
                e);
        }
    }

    private Pulse ReadPulse(ClusterRecord record)
    {
        var session = record.Key[PulsePrefix.Length..];
        if (_pulses.TryGetValue(session, out var known) && known.Revision == record.Revision)
        {
            return known.Pulse;
        }

        Check(session.Length is > 0 and <= MaxOwner, "The name of the session is too long or empty.");
        var text = Parse(record, ClusterJson.Default.PulseText);
        CheckProtocol(text.Protocol);
        Check(text.Lease is >= 0 and <= int.MaxValue, "The lease is negative or too long.");
        Check(text.Services.Count <= MaxServices && text.Machine.Length <= byte.MaxValue, "There are too many services, or the name is too long.");
        Check(text.Services.All(IsValid) && text.Services.DistinctBy(s => s.Name).Count() == text.Services.Count, "A service is invalid.");
        var pulse = new Pulse
        {
            Session = session,
            Machine = text.Machine,
            ProcessId = text.ProcessId,
            Beat = text.Beat,
            Lease = text.Lease,
            HasEnded = text.Ended,
            Services = [.. text.Services.Select(s => new PulseService(s.Name, s.Workers, s.Max))],
        };
        _pulses[session] = (record.Revision, pulse);
        return pulse;
    }

    private Roster ReadRoster(ClusterRecord record)
    {
        var service = record.Key[RosterPrefix.Length..];
        if (!_rosters.TryGetValue(service, out var known) || known.Revision != record.Revision)
        {
            var text = Parse(record, ClusterJson.Default.RosterText);
            CheckProtocol(text.Protocol);
            Check(text.Ids.Count <= OptionLimits.MaxWorkers && text.Ids.TrueForAll(i => i is { Length: 2 }), "The worker ids are invalid.");
            Check(text.Owners.TrueForAll(o => o is { Length: > 0 and <= MaxOwner }), "An owner is invalid.");
            Check(text.Ids.TrueForAll(i => i[0] >= NoOwner && i[0] < text.Owners.Count), "A worker id has an owner that is not listed.");
            Check(text.Ids.TrueForAll(i => i[1] is >= 0 and < long.MaxValue / 2), "An incarnation is negative or too high.");
            RosterId[] ids = [.. text.Ids.Select(i => new RosterId(i[0] == NoOwner ? "" : text.Owners[(int)i[0]], i[1]))];
            _rosters[service] = known = (record.Revision, text, new Roster { Service = service, Ids = ids });
        }

        return known.Roster;
    }

    private static T Parse<T>(ClusterRecord record, JsonTypeInfo<T> type)
    {
        Check(Encoding.UTF8.GetMaxByteCount(record.Value.Length) <= 4 * MaxText, "It is too long.");
        return JsonSerializer.Deserialize(record.Value, type) ?? throw new InvalidDataException("It is null.");
    }

    private static bool IsValid(ServiceText service) =>
        service is { Name.Length: > 0 and <= OptionLimits.MaxNameLength, Workers: >= 0 and <= OptionLimits.MaxWorkers, Max: null or >= 0 };

    private static void CheckProtocol(int protocol) => Check(
        protocol == Protocol, $"It has protocol {protocol}, but this program uses {Protocol}. Use versions of Cotyledon.Hosting that share a protocol.");

    private static void Check(bool condition, string error)
    {
        if (!condition)
        {
            throw new InvalidDataException(error);
        }
    }

    private static void Forget<T>(Dictionary<string, T> records, IEnumerable<string> present)
    {
        foreach (var gone in records.Keys.Except(present).ToList())
        {
            records.Remove(gone);
        }
    }
}

/// <summary>The JSON of a pulse.</summary>
internal sealed class PulseText
{
    public required int Protocol { get; init; }

    public required string Machine { get; init; }

    public required int ProcessId { get; init; }

    public long Beat { get; init; }

    public long Lease { get; init; }

    public bool Ended { get; init; }

    public required List<ServiceText> Services { get; init; }
}

/// <summary>The JSON of a service in a pulse.</summary>
internal sealed class ServiceText
{
    public required string Name { get; init; }

    public required int Workers { get; init; }

    public int? Max { get; init; }
}

/// <summary>The JSON of a roster. Each id is a pair: the place of its owner in the list, or -1, and its incarnation.</summary>
internal sealed class RosterText
{
    public required int Protocol { get; init; }

    public required List<string> Owners { get; init; }

    public required List<long[]> Ids { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PulseText))]
[JsonSerializable(typeof(RosterText))]
internal sealed partial class ClusterJson : JsonSerializerContext;
