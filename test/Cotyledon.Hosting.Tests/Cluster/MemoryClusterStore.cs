using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Tests.Cluster;

/// <summary>A store in memory, which several drivers of a test share and which can fail.</summary>
internal sealed class MemoryClusterStore : IClusterStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ClusterRecord> _records = [];
    private readonly List<long> _renewals = [];
    private long _revision;

    public string Description => "memory";

    /// <summary>The error of all calls, or <see langword="null"/>.</summary>
    public string? Failure { get; set; }

    public bool ReturnsEachRecordTwice { get; set; }

    public bool ReadsWithWrites { get; init; }

    /// <summary>While it is not set, a pulse is written, but the call does not return.</summary>
    public ManualResetEventSlim Answering { get; } = new(true);

    /// <summary>The times at which pulses were written, by the clock of leases.</summary>
    public IReadOnlyList<long> Renewals
    {
        get
        {
            lock (_gate)
            {
                return [.. _renewals];
            }
        }
    }

    public IReadOnlyDictionary<string, ClusterRecord> Records
    {
        get
        {
            lock (_gate)
            {
                return new Dictionary<string, ClusterRecord>(_records);
            }
        }
    }

    public IReadOnlyList<ClusterRecord> Read(IReadOnlyList<string> prefixes, TimeSpan timeout)
    {
        ThrowIfFailing();
        lock (_gate)
        {
            ClusterRecord[] found = [.. _records.Values.Where(r => prefixes.Any(p => r.Key.StartsWith(p, StringComparison.Ordinal)))];
            return ReturnsEachRecordTwice ? [.. found, .. found] : found;
        }
    }

    public long? TryWrite(ClusterWrite write, TimeSpan timeout)
    {
        ThrowIfFailing();
        var revision = Write(write);
        if (IsPulse(write))
        {
            Answering.Wait();
        }

        return revision;
    }

    public ClusterWriteResult TryWriteAndRead(ClusterWrite write, IReadOnlyList<string> prefixes, TimeSpan timeout)
    {
        var records = ReadsWithWrites ? Read(prefixes, timeout) : null;
        return new ClusterWriteResult { Revision = TryWrite(write, timeout), Records = records };
    }

    /// <summary>Returns to earlier records, as in a failover that loses the last writes.</summary>
    public void Restore(IReadOnlyDictionary<string, ClusterRecord> records)
    {
        lock (_gate)
        {
            _records.Clear();
            foreach (var (key, record) in records)
            {
                _records.Add(key, record);
            }
        }
    }

    /// <summary>Gives no hints, so that only the periodic reads are used.</summary>
    public void Watch(string prefix, Action onChanged, CancellationToken cancellationToken) => cancellationToken.WaitHandle.WaitOne();

    private static bool IsPulse(ClusterWrite write) => write.Key.Contains("/pulse/", StringComparison.Ordinal);

    private long? Write(ClusterWrite write)
    {
        lock (_gate)
        {
            if ((_records.GetValueOrDefault(write.Key)?.Revision ?? 0) != write.ExpectedRevision)
            {
                return null;
            }

            _revision++;
            if (IsPulse(write))
            {
                _renewals.Add(BootClock.Now);
            }

            if (write.Value is null)
            {
                _records.Remove(write.Key);
            }
            else
            {
                _records[write.Key] = new ClusterRecord { Key = write.Key, Value = write.Value, Revision = _revision };
            }

            return _revision;
        }
    }

    private void ThrowIfFailing()
    {
        if (Failure is { } failure)
        {
            throw new ClusterStoreException(failure);
        }
    }
}
