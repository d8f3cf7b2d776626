namespace Cotyledon.Hosting.Cluster;

/// <summary>Decides which ids this session claims and releases, from the records and its own state.</summary>
internal sealed partial class ClusterMember
{
    /// <summary>
    /// The input of the last plan, without the workers of this machine, if no step of the plan waits for a time; otherwise empty. There is no new plan
    /// while the input is the same.
    /// </summary>
    private IReadOnlyList<string> _settled = [];

    /// <summary>Whether a worker runs, or may run, for each id that this machine knows as its own.</summary>
    private bool RunsAll => AllHoldings.All(h => h.Holding is { IsHeld: true, Worker: WorkerPhase.Granted, Plan: HoldingPlan.Keep });

    private void Plan(long now, ClusterView view)
    {
        var offer = Offer(now);
        IReadOnlyList<string> input =
        [
            Session,
            .. offer.Select(s => $"{s}"),
            .. _membership,
            .. view.Pulses.Where(p => p.Value.HasEnded).Select(p => p.Value.Session),
            .. view.Rosters.Select(r => $"{r.Value.Service} {r.Revision}"),
        ];
        if (input.SequenceEqual(_settled) && RunsAll)
        {
            return;
        }

        var isSettled = PlanServices(now, view, offer);
        _settled = isSettled && RunsAll ? input : [];
    }

    /// <returns>Whether the same input would lead to no action later.</returns>
    private bool PlanServices(long now, ClusterView view, List<PulseService> offer)
    {
        var live = view.Pulses.Where(p => !p.Value.HasEnded).Select(p => p.Value).ToList();
        var ended = view.Pulses.Where(p => p.Value.HasEnded).Select(p => p.Value.Session).ToHashSet();
        var isSettled = true;
        var names = _services.Select(s => s.Name)
            .Union(_holdings.Keys)
            .Union(view.Rosters.Where(r => r.Value.Owners.Contains(Session)).Select(r => r.Value.Service));
        foreach (var name in names.ToList())
        {
            var (roster, revision) = view.Rosters.FirstOrDefault(r => r.Value.Service == name);
            var members = new Dictionary<string, PulseService>();
            foreach (var pulse in live)
            {
                var services = pulse.Session == Session ? offer : pulse.Services; // Its pulse in the store may be older.
                if (services.FirstOrDefault(s => s.Name == name) is { } service)
                {
                    members[pulse.Session] = service;
                }
            }

            isSettled &= PlanService(new ServicePlan(now, roster ?? new Roster { Service = name }, members, ended, Session, Of(name)), revision);
        }

        return isSettled;
    }

    /// <returns>Whether the same input would lead to no action later.</returns>
    private bool PlanService(ServicePlan plan, long revision)
    {
        Compare(plan);
        NoteMoves(plan);
        var free = FreeIds(plan);
        PlanHoldings(plan, free.Count);
        var attempts = new Dictionary<int, Attempt>();
        foreach (var (id, holding) in plan.Holdings.Ids)
        {
            Settle(plan, id, holding, attempts);
        }

        foreach (var id in Take(plan, free))
        {
            Claim(plan, id, attempts);
        }

        if (attempts.Count > 0)
        {
            plan.ForgetEndedOwners();
            var number = Write(new PendingWrite { Service = plan.Name, Attempts = attempts });
            _actions.Add(new ClusterAction.WriteRoster(number, new Roster { Service = plan.Name, Ids = plan.Ids }, revision));
        }

        var mayMove = plan.Holdings.Ids.Count > plan.ShareOf(Session) && plan.SessionsBelowShare > 0;
        return attempts.Count == 0 && free.Count == 0 && !mayMove;
    }

    /// <summary>Compares the state of this session with the roster, which shows what has become of attempts without an answer.</summary>
    private void Compare(ServicePlan plan)
    {
        for (var id = 0; id < plan.Ids.Count; id++)
        {
            var isOurs = plan.Ids[id].Owner == Session;
            if (!plan.Holdings.Ids.TryGetValue(id, out var holding))
            {
                if (isOurs)
                {
                    // An attempt that was given up has arrived. A newer claim or release decides.
                    plan.Holdings.Ids.Add(id, new Holding());
                }
            }
            else if (isOurs && holding.Attempt is { IsClaim: true } claim && claim.Incarnation == plan.Ids[id].Incarnation)
            {
                Hold(holding, claim);
            }
            else if (!isOurs)
            {
                Lose(plan.Name, id, holding); // Released, or never claimed. If it was held, another session has broken rule 2.
            }
        }
    }

    /// <summary>
    /// Moves nothing for a while if an id was taken by a session above its share: a session below its share is alive, but takes no ids, so a move
    /// would interrupt a worker for nothing.
    /// </summary>
    private void NoteMoves(ServicePlan plan)
    {
        var owners = plan.Ids.Select(i => i.Owner).ToArray();
        for (var id = 0; id < Math.Min(plan.Holdings.Owners.Length, plan.Target); id++)
        {
            if (owners[id] != plan.Holdings.Owners[id] && plan.IsAboveShare(owners[id]))
            {
                plan.Holdings.BalanceAfter = plan.Now + (10 * _times.Calm);
            }
        }

        plan.Holdings.Owners = owners;
    }

    /// <summary>Returns the wanted ids without an owner. Those that have been free for the longest time come first.</summary>
    private static List<int> FreeIds(ServicePlan plan)
    {
        var before = plan.Holdings.FreeSince;
        var since = plan.Holdings.FreeSince = Enumerable.Range(0, plan.Target)
            .Where(id => plan.IsFree(id) && !plan.Holdings.Ids.ContainsKey(id))
            .ToDictionary(id => id, id => before.GetValueOrDefault(id, plan.Now));
        return [.. since.OrderBy(f => f.Value).ThenBy(f => f.Key).Select(f => f.Key)];
    }

    /// <summary>Decides which ids are released, and stops their workers.</summary>
    private void PlanHoldings(ServicePlan plan, int freeCount)
    {
        var kept = new List<int>();
        var max = plan.Own?.MaxHere ?? int.MaxValue;
        foreach (var (id, holding) in plan.Holdings.Ids.OrderByDescending(h => h.Value.Worker == WorkerPhase.Granted).ThenBy(h => h.Key))
        {
            if (holding.Plan is HoldingPlan.Move or HoldingPlan.Lost)
            {
                continue;
            }

            if (plan.Own is null || id >= plan.Target || kept.Count >= max)
            {
                holding.Plan = HoldingPlan.Release;
                Revoke(plan.Name, id, holding, _isLeaving ? RevokeReason.Leaving : RevokeReason.FewerWorkers);
            }
            else
            {
                holding.Plan = HoldingPlan.Keep; // The number may have been raised again before the id was released.
                kept.Add(id);
            }
        }

        // Moves at most one id for each session below its share. Further ids move when no id is free, so after these have been claimed.
        var isMoving = plan.Holdings.Ids.Values.Any(h => h.Plan == HoldingPlan.Move);
        if (!isMoving && freeCount == 0 && plan.Now - _calmSince >= _times.Calm && plan.Now >= plan.Holdings.BalanceAfter)
        {
            var count = Math.Min(kept.Count - plan.ShareOf(Session), plan.SessionsBelowShare);
            foreach (var id in kept.Order().Reverse().Take(count))
            {
                plan.Holdings.Ids[id].Plan = HoldingPlan.Move;
                Revoke(plan.Name, id, plan.Holdings.Ids[id], RevokeReason.Balance);
            }
        }
    }

    /// <summary>Releases an id without a process, claims an id whose last attempt is unclear, or lets its worker run.</summary>
    private void Settle(ServicePlan plan, int id, Holding holding, Dictionary<int, Attempt> attempts)
    {
        if (holding.Worker != WorkerPhase.None)
        {
            return; // Rule 4.
        }

        if (holding.Plan != HoldingPlan.Keep)
        {
            holding.IsHeld = false;
            holding.Attempt = attempts[id] = new Attempt(isClaim: false, plan.Ids[id].Incarnation);
            plan.Ids[id] = plan.Ids[id] with { Owner = "" };
        }
        else if (!holding.IsHeld)
        {
            Claim(plan, id, attempts); // Rule 3.
        }
        else
        {
            Grant(plan.Now, plan.Name, id, holding);
        }
    }

    /// <summary>Returns the free ids that this session takes now.</summary>
    private IEnumerable<int> Take(ServicePlan plan, List<int> free)
    {
        if (plan.Own is null || plan.Now >= _confirmedAt + _times.Stop)
        {
            return [];
        }

        var kept = plan.Holdings.Ids.Values.Count(h => h.Plan == HoldingPlan.Keep);
        var open = plan.ShareOf(Session) - kept;

        // Those above the share are for other sessions, unless none of them takes the ids.
        var isReleasing = plan.Holdings.Ids.Count > kept;
        var old = isReleasing ? 0 : free.Count(id => plan.Now - plan.Holdings.FreeSince[id] >= 2 * _times.Renew);
        var room = (plan.Own.MaxHere ?? int.MaxValue) - plan.Holdings.Ids.Count;
        return free.Take(Math.Clamp(Math.Max(open, old), 0, Math.Max(0, room)));
    }

    private static void Claim(ServicePlan plan, int id, Dictionary<int, Attempt> attempts)
    {
        var before = plan.Ids[id].Incarnation;
        var incarnation = before == 0 ? 1 : before + RosterId.Block;
        if (!plan.Holdings.Ids.TryGetValue(id, out var holding))
        {
            plan.Holdings.Ids[id] = holding = new Holding();
        }

        holding.Attempt = attempts[id] = new Attempt(isClaim: true, incarnation);
        plan.Ids[id] = new RosterId(plan.Session, incarnation);
    }
}
