using static Cotyledon.Hosting.Cluster.ClusterAction;

namespace Cotyledon.Hosting.Cluster;

/// <summary>What to write, from the records, their ages and the own state.</summary>
internal sealed partial class ClusterMember
{
    /// <summary>The pulses of all sessions, and since when each has stood unchanged on the own clock.</summary>
    private readonly Dictionary<string, Seen> _seen = [];

    private readonly Dictionary<(string Service, int Id), long> _freeSince = [];
    /// <summary>The owners of the ids of each service in the last view, and the time before which none is moved.</summary>
    private readonly Dictionary<string, (string[] Owners, long BalanceAfter)> _balance = [];

    private string _membership = "";
    private long _calmSince;

    /// <summary>Notes the pulses that have changed. An age counts from the answer in which a revision was seen first.</summary>
    private void Observe(long now, ClusterView view)
    {
        var present = new HashSet<string>();
        foreach (var (pulse, revision) in view.Pulses)
        {
            present.Add(pulse.Session);
            if (!_seen.TryGetValue(pulse.Session, out var seen) || seen.Revision != revision)
            {
                _seen[pulse.Session] = new Seen(revision, now);
            }
        }

        // An owner without a pulse: its session was deleted, or cannot be read. Revision 0 stands for that.
        foreach (var owner in view.Rosters.SelectMany(r => r.Value.Ids).Select(i => i.Owner).Where(o => o.Length > 0 && !present.Contains(o)))
        {
            present.Add(owner);
            if (!_seen.TryGetValue(owner, out var seen) || seen.Revision != 0)
            {
                _seen[owner] = new Seen(0, now);
            }
        }

        foreach (var gone in _seen.Keys.Where(s => !present.Contains(s)).ToList())
        {
            _seen.Remove(gone);
        }

        var membership = string.Join(
            '\n',
            view.Pulses.Where(p => !p.Value.HasEnded).OrderBy(p => p.Value.Session, StringComparer.Ordinal)
                .Select(p => $"{p.Value.Session} {string.Join(',', p.Value.Services)}"));
        if (membership != _membership)
        {
            (_membership, _calmSince) = (membership, now);
        }
    }

    private void Plan(long now, ClusterView view)
    {
        var live = view.Pulses.Where(p => !p.Value.HasEnded).Select(p => p.Value).ToDictionary(p => p.Session);
        DeclareDeaths(now, view);
        var names = _services.Select(s => s.Name).Concat(_holdings.Keys.Select(k => k.Service)).Distinct().ToList();
        foreach (var name in names)
        {
            var (roster, revision) = view.Rosters.FirstOrDefault(r => r.Value.Service == name);
            PlanService(now, roster ?? new Roster { Service = name }, revision, live);
        }
    }

    /// <summary>Rule 2: writes into the pulses of sessions that have not changed for a lease that they are dead, and deletes old ones.</summary>
    private void DeclareDeaths(long now, ClusterView view)
    {
        var owners = view.Rosters.SelectMany(r => r.Value.Ids).Select(i => i.Owner).ToHashSet();
        foreach (var (pulse, revision) in view.Pulses)
        {
            if (pulse.Session == Session || now - _seen[pulse.Session].Since < _times.Lease)
            {
                continue;
            }

            if (!pulse.HasEnded)
            {
                var number = Write(new PendingWrite(Session, IsPulse: false));
                _actions.Add(new WritePulse(number, pulse.Session, pulse with { HasEnded = true }, revision));
            }
            else if (!owners.Contains(pulse.Session))
            {
                var number = Write(new PendingWrite(Session, IsPulse: false));
                _actions.Add(new WritePulse(number, pulse.Session, null, revision));
            }
        }
    }

    private void PlanService(long now, Roster roster, long revision, Dictionary<string, Pulse> live)
    {
        var own = _services.FirstOrDefault(s => s.Name == roster.Service);
        var wishes = live.Values.Where(p => p.Session != Session).SelectMany(p => p.Services).Where(s => s.Name == roster.Service);
        var target = wishes.Append(own).Max(s => s?.Workers ?? 0);
        var ids = roster.Ids.ToList();
        while (ids.Count < target)
        {
            ids.Add(RosterId.Free);
        }

        Compare(now, roster.Service, ids);
        NoteMoves(now, roster.Service, ids, target, live);
        var free = FreeIds(now, roster.Service, ids, target, live);
        ChooseUnwanted(now, roster.Service, ids, target, free.Count, own, live);
        var changes = new Dictionary<(string Service, int Id), Change>();
        foreach (var (key, holding) in _holdings.Where(h => h.Key.Service == roster.Service).ToList())
        {
            Settle(now, key, holding, ids, changes);
        }

        foreach (var id in Take(now, roster.Service, ids, target, free, own, live))
        {
            Claim((roster.Service, id), ids, changes);
        }

        if (changes.Count > 0)
        {
            var number = Write(new PendingWrite(Session, IsPulse: false) { Changes = changes });
            _actions.Add(new WriteRoster(number, roster with { Ids = ids }, revision));
        }
    }

    /// <summary>Compares the own state with the roster, which shows what has become of attempts without an answer.</summary>
    private void Compare(long now, string service, List<RosterId> ids)
    {
        for (var id = 0; id < ids.Count; id++)
        {
            var isOurs = ids[id].Owner == Session;
            if (!_holdings.TryGetValue((service, id), out var holding))
            {
                if (isOurs)
                {
                    // An old attempt has arrived after it was given up. A newer claim or release decides.
                    _holdings.Add((service, id), new Holding());
                }

                continue;
            }

            if (!isOurs)
            {
                if (holding is { IsHeld: true, Change: null })
                {
                    Revoke((service, id), holding, RevokeReason.SessionLost); // Only a repair by hand could do this.
                    holding.IsLost = true;
                }

                if (!holding.IsOccupied)
                {
                    _holdings.Remove((service, id));
                }
            }
            else if (holding.Change is { IsClaim: true } claim && claim.Incarnation == ids[id].Incarnation)
            {
                Hold(now, (service, id), holding, claim.Incarnation);
            }
        }
    }

    /// <summary>Returns the ids that nobody holds.</summary>
    private List<int> FreeIds(long now, string service, List<RosterId> ids, int target, Dictionary<string, Pulse> live)
    {
        var free = new List<int>();
        for (var id = 0; id < ids.Count; id++)
        {
            var owner = ids[id].Owner;
            var isMissing = owner.Length > 0 && _seen.TryGetValue(owner, out var seen) && seen.Revision == 0;
            var isFree = owner.Length == 0
                || (!live.ContainsKey(owner) && (!isMissing || now - _seen[owner].Since >= _times.Lease));
            if (isFree && id < target && !_holdings.ContainsKey((service, id)))
            {
                free.Add(id);
                _freeSince.TryAdd((service, id), now);
            }
            else
            {
                _freeSince.Remove((service, id));
            }
        }

        return free;
    }

    /// <summary>Marks the ids that are to be released, and stops their workers.</summary>
    private void ChooseUnwanted(
        long now, string service, List<RosterId> ids, int target, int freeCount, PulseService? own, Dictionary<string, Pulse> live)
    {
        var wanted = new List<(int Id, Holding Holding)>();
        var max = own?.MaxHere ?? int.MaxValue;
        foreach (var (key, holding) in _holdings.Where(h => h.Key.Service == service && !h.Value.IsMoving))
        {
            if (_isLeaving || own is null || key.Id >= target || wanted.Count >= max)
            {
                Unwant(key, holding, _isLeaving ? RevokeReason.Leaving : RevokeReason.FewerWorkers);
            }
            else
            {
                holding.IsUnwanted = false; // The number may have been raised again before the id was released.
                wanted.Add((key.Id, holding));
            }
        }

        // One at a time: the next one leaves when no id is free, so when the last one has been taken.
        var isMoving = _holdings.Any(h => h.Key.Service == service && h.Value.IsUnwanted);
        if (!isMoving && freeCount == 0 && own is not null && now - _calmSince >= _times.Calm && now >= _balance[service].BalanceAfter
            && wanted.Count > ShareOf(Session, service, ids, target, live))
        {
            wanted[^1].Holding.IsMoving = true;
            Unwant((service, wanted[^1].Id), wanted[^1].Holding, RevokeReason.Balance);
        }
    }

    private void Unwant((string Service, int Id) key, Holding holding, RevokeReason reason)
    {
        holding.IsUnwanted = true;
        Revoke(key, holding, reason);
    }

    /// <summary>Releases an unwanted id without a process, claims an id whose last attempt is unclear again, or lets its worker run.</summary>
    private void Settle(
        long now, (string Service, int Id) key, Holding holding, List<RosterId> ids, Dictionary<(string Service, int Id), Change> changes)
    {
        if (holding.IsOccupied || key.Id >= ids.Count || ids[key.Id].Owner != Session)
        {
            return;
        }

        if (holding.IsUnwanted)
        {
            // Rule 4: only now, after the process is gone.
            holding.IsHeld = false;
            holding.Change = changes[key] = new Change(IsClaim: false, ids[key.Id].Incarnation);
            ids[key.Id] = ids[key.Id] with { Owner = "" };
        }
        else if (!holding.IsHeld || holding.Change is not null)
        {
            Claim(key, ids, changes); // Rule 3.
        }
        else
        {
            GrantIfPossible(now, key, holding);
        }
    }

    /// <summary>Returns the free ids that this session takes now.</summary>
    private IEnumerable<int> Take(
        long now, string service, List<RosterId> ids, int target, List<int> free, PulseService? own, Dictionary<string, Pulse> live)
    {
        if (own is null || _isLeaving || now >= _confirmedAt + _times.Stop || free.Count == 0)
        {
            return [];
        }

        var held = _holdings.Count(h => h.Key.Service == service && !h.Value.IsUnwanted);
        var isMoving = _holdings.Any(h => h.Key.Service == service && h.Value.IsUnwanted);
        var open = Math.Max(0, ShareOf(Session, service, ids, target, live) - held);

        // Those above the share are for other sessions, unless none of them takes the ids.
        var old = isMoving ? 0 : free.Count(id => now - _freeSince[(service, id)] >= 2 * _times.Renew);
        var room = (own.MaxHere ?? int.MaxValue) - held;
        return free.OrderBy(id => _freeSince[(service, id)]).Take(Math.Min(Math.Max(open, old), Math.Max(0, room)));
    }

    private void Claim((string Service, int Id) key, List<RosterId> ids, Dictionary<(string Service, int Id), Change> changes)
    {
        var incarnation = ids[key.Id].Incarnation == 0 ? 1 : ids[key.Id].Incarnation + RosterId.Block;
        if (!_holdings.TryGetValue(key, out var holding))
        {
            _holdings[key] = holding = new Holding();
        }

        holding.Change = changes[key] = new Change(IsClaim: true, incarnation);
        ids[key.Id] = new RosterId(Session, incarnation);
    }

    /// <summary>
    /// Moves nothing for a while if an id was taken by a session above its share: a session below its share lives, but does not take ids, so a move
    /// only interrupts a worker.
    /// </summary>
    private void NoteMoves(long now, string service, List<RosterId> ids, int target, Dictionary<string, Pulse> live)
    {
        var (before, after) = _balance.GetValueOrDefault(service, ([], long.MinValue));
        var owners = ids.Select(i => i.Owner).ToArray();
        for (var id = 0; id < Math.Min(before.Length, target); id++)
        {
            var owner = owners[id];
            if (owner != before[id] && live.ContainsKey(owner) && owners.Count(o => o == owner) > ShareOf(owner, service, ids, target, live))
            {
                after = now + (10 * _times.Calm);
            }
        }

        _balance[service] = (owners, after);
    }

    /// <summary>The number of ids that a session should hold.</summary>
    private int ShareOf(string session, string service, List<RosterId> ids, int target, Dictionary<string, Pulse> live)
    {
        var counts = ids.Take(target).CountBy(i => i.Owner).ToDictionary();
        var members = live.Values
            .Select(p => (p.Session, Service: (p.Session == Session ? _services : p.Services).FirstOrDefault(s => s.Name == service)))
            .Where(m => m.Service is not null)
            .Select(m => (m.Session, counts.GetValueOrDefault(m.Session), m.Service!.MaxHere ?? int.MaxValue));
        return FairShare.Of(target, members, session);
    }

    /// <summary>The revision of a pulse, and the time at which it was seen first.</summary>
    private readonly record struct Seen(long Revision, long Since);
}
