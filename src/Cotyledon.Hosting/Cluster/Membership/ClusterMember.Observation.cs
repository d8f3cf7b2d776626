namespace Cotyledon.Hosting.Cluster;

/// <summary>The other sessions: which have changed, and which are dead.</summary>
internal sealed partial class ClusterMember
{
    /// <summary>The pulses of all sessions, and since when each is unchanged, on the clock of this machine.</summary>
    private readonly Dictionary<string, Seen> _seen = [];

    private IReadOnlyList<string> _membership = [];
    private long _calmSince;

    /// <summary>Notes the pulses that have changed. An age counts from the answer in which a revision was seen first.</summary>
    private void Observe(long now, ClusterView view)
    {
        var pulses = view.Pulses.ToDictionary(p => p.Value.Session);
        var sessions = pulses.Keys.Union(view.Rosters.SelectMany(r => r.Value.Owners)).ToList();
        foreach (var session in sessions)
        {
            // An owner without a pulse has revision 0.
            var (pulse, revision) = pulses.GetValueOrDefault(session);
            if (!_seen.TryGetValue(session, out var seen) || seen.Revision != revision)
            {
                _seen[session] = seen = new Seen(revision, now, Math.Max(_times.Lease, pulse?.Lease ?? 0));
            }

            if (session != Session && now < seen.EndsAt)
            {
                _nextRead = Math.Min(_nextRead, seen.EndsAt);
            }
        }

        foreach (var gone in _seen.Keys.Except(sessions).ToList())
        {
            _seen.Remove(gone);
        }

        List<string> membership =
        [
            .. from pulse in view.Pulses
               where !pulse.Value.HasEnded
               orderby pulse.Value.Session
               select $"{pulse.Value.Session} {string.Join(',', pulse.Value.Services)}",
        ];
        if (!membership.SequenceEqual(_membership))
        {
            (_membership, _calmSince) = (membership, now);
        }
    }

    /// <summary>
    /// Rule 2: writes into the pulses of sessions that have not changed for a lease that they are dead. An owner without a pulse gets one, because a
    /// late claim may have arrived after the pulse was deleted. Pulses that have ended and hold no id are deleted.
    /// </summary>
    private void DeclareDeaths(long now, ClusterView view)
    {
        foreach (var (session, seen) in _seen)
        {
            if (session == Session || now < seen.EndsAt)
            {
                continue;
            }

            var pulse = view.Pulses.FirstOrDefault(p => p.Value.Session == session).Value;
            if (pulse is { HasEnded: true } && view.Rosters.Any(r => r.Value.Owners.Contains(session)))
            {
                continue;
            }

            var end = pulse is { HasEnded: true } ? null
                : (pulse ?? new Pulse { Session = session, Machine = "", ProcessId = 0 }) with { HasEnded = true };
            _actions.Add(new ClusterAction.WritePulse(Write(new PendingWrite()), session, end, seen.Revision));
        }
    }

    /// <summary>The revision of a pulse, the time at which it was seen first, and the lease that must pass.</summary>
    private readonly record struct Seen(long Revision, long Since, long Lease)
    {
        public long EndsAt => Since + Lease;
    }
}
