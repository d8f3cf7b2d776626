namespace Cotyledon.Hosting.Cluster;

/// <summary>One service in one view: its ids, to be changed, and how they should be divided.</summary>
internal sealed class ServicePlan
{
    private readonly HashSet<string> _ended;
    private readonly Dictionary<string, int> _counts;
    private readonly Dictionary<string, int> _shares;

    /// <param name="now">The time.</param>
    /// <param name="roster">The record of the service.</param>
    /// <param name="members">The live sessions that have the service, and what each says about it.</param>
    /// <param name="ended">The sessions that have ended.</param>
    /// <param name="session">The session of this program.</param>
    /// <param name="holdings">The holdings of this session.</param>
    public ServicePlan(
        long now, Roster roster, IReadOnlyDictionary<string, PulseService> members, HashSet<string> ended, string session, ServiceHoldings holdings)
    {
        (Now, Name, Session, Holdings, _ended) = (now, roster.Service, session, holdings, ended);
        Own = members.GetValueOrDefault(session);
        Target = members.Values.Select(s => s.Workers).DefaultIfEmpty().Max();
        Ids = [.. roster.Ids];
        while (Ids.Count < Math.Max(Target, holdings.Ids.Keys.DefaultIfEmpty(-1).Last() + 1))
        {
            Ids.Add(RosterId.Free);
        }

        _counts = Ids.Take(Target).CountBy(i => i.Owner).ToDictionary();
        _shares = FairShare.Divide(
            Target, members.Select(m => (m.Key, _counts.GetValueOrDefault(m.Key), m.Value.MaxHere ?? int.MaxValue)));
    }

    public long Now { get; }

    public string Name { get; }

    public string Session { get; }

    /// <summary>The entry of the service in the pulse of this program; <see langword="null"/> if it does not have it.</summary>
    public PulseService? Own { get; }

    public ServiceHoldings Holdings { get; }

    /// <summary>The number of ids in the cluster: the largest number that a live session requests.</summary>
    public int Target { get; }

    /// <summary>The ids of the roster, and those that it lacks.</summary>
    public List<RosterId> Ids { get; }

    public int SessionsBelowShare => _shares.Count(s => _counts.GetValueOrDefault(s.Key) < s.Value);

    public int ShareOf(string session) => _shares.GetValueOrDefault(session);

    public bool IsAboveShare(string session) => _shares.TryGetValue(session, out var share) && _counts.GetValueOrDefault(session) > share;

    /// <summary>Returns whether an id has no owner, or one whose session has ended.</summary>
    public bool IsFree(int id) => Ids[id].Owner.Length == 0 || _ended.Contains(Ids[id].Owner);

    /// <summary>Clears owners that have ended from ids that are not wanted, so that their pulses can be deleted.</summary>
    public void ForgetEndedOwners()
    {
        for (var id = Target; id < Ids.Count; id++)
        {
            if (_ended.Contains(Ids[id].Owner))
            {
                Ids[id] = Ids[id] with { Owner = "" };
            }
        }
    }
}
