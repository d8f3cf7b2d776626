namespace Cotyledon.Hosting.Cluster.Tests.Simulation;

/// <summary>Executes the actions of the member, as the supervisor and a store provider do.</summary>
internal sealed partial class Machine
{
    /// <summary>Some stores can renew and read in one step, which sees the records before the write.</summary>
    private void Execute(ClusterMember member, IReadOnlyList<ClusterAction> actions)
    {
        var renewal = actions.OfType<ClusterAction.WritePulse>().FirstOrDefault(w => w.Session == member.Session);
        var read = actions.OfType<ClusterAction.Read>().FirstOrDefault();
        var isOneStep = renewal is not null && read is not null && world.Random.Next(2) == 0;
        if (isOneStep)
        {
            RenewAndRead(member, renewal!, read!);
        }

        foreach (var action in actions.Where(a => !isOneStep || (a != renewal && a != read)))
        {
            Execute(member, action);
        }
    }

    private void RenewAndRead(ClusterMember member, ClusterAction.WritePulse renewal, ClusterAction.Read read) => Send(
        member,
        () =>
        {
            var view = new ClusterView(world.Store.Pulses, world.Store.Rosters);
            return Tuple.Create(view, world.Store.Write(renewal));
        },
        answer =>
        {
            var (outcome, revision) = answer?.Item2 ?? (WriteOutcome.Unknown, 0);
            member.OnWritten(LocalNow, renewal.Number, outcome, revision);
            if (!member.HasLeft)
            {
                TakeView(member, read.Number, answer?.Item1);
            }
        });

    private void Execute(ClusterMember member, ClusterAction action)
    {
        switch (action)
        {
            case ClusterAction.Read read:
                Read(member, read.Number);
                break;
            case ClusterAction.WritePulse { Value: { HasEnded: true } pulse } write
                when world.Mutant == Mutant.NoDeclaration && pulse.Session != member.Session:
                _believedDead.Add(pulse.Session);
                world.After(1, () => Call(member, m => m.OnWritten(LocalNow, write.Number, WriteOutcome.Written, write.ExpectedRevision)));
                break;
            case ClusterAction.WritePulse write:
                SendWrite(member, write, write.Number);
                break;
            case ClusterAction.WriteRoster write when world.Mutant == Mutant.NoNewerClaim && OnlyClaimsOwnIds(member, write.Value):
                world.After(1, () => Call(member, m => m.OnWritten(LocalNow, write.Number, WriteOutcome.Written, write.ExpectedRevision)));
                break;
            case ClusterAction.WriteRoster write:
                SendWrite(member, write, write.Number);
                break;
            case ClusterAction.ExtendLease lease:
                ExtendLease(world.Mutant == Mutant.LeaseFromAnswer ? LocalNow + _times.Kill : lease.KillAt);
                break;
            case ClusterAction.Grant grant:
                var place = Place.Of(_places, (grant.Service, grant.Id));
                (place.IsGranted, place.IsGivenUp, place.Number, place.First) = (true, false, grant.Number, grant.FirstIncarnation);
                Fill(member, (grant.Service, grant.Id), place);
                break;
            case ClusterAction.Revoke revoke:
                Revoke(member, (revoke.Service, revoke.Id), revoke.Reason);
                break;
        }
    }

    /// <summary>Reads the rosters first, and the pulses some time later.</summary>
    private void Read(ClusterMember member, long number) => Send(
        member,
        () => world.Store.Rosters,
        rosters =>
        {
            if (rosters is null)
            {
                member.OnRead(LocalNow, number, null);
                return;
            }

            Send(
                member,
                () => world.Store.Pulses,
                pulses => TakeView(member, number, pulses is null ? null : new ClusterView(pulses, rosters)));
        });

    private void TakeView(ClusterMember member, long number, ClusterView? view)
    {
        (_lastView, var seen) = (view ?? _lastView, view is null ? null : Seen(view));
        member.OnRead(LocalNow, number, seen);
    }

    private bool OnlyClaimsOwnIds(ClusterMember member, Roster roster)
    {
        var known = _lastView?.Rosters.FirstOrDefault(r => r.Value.Service == roster.Service).Value?.Ids ?? [];
        return known.Count == roster.Ids.Count
            && known.Zip(roster.Ids).All(pair => pair.First == pair.Second || (pair.First.Owner == member.Session && pair.Second.Owner == member.Session));
    }

    /// <summary>The mutant that declares nothing reads dead pulses where it believes that their sessions are dead.</summary>
    private ClusterView Seen(ClusterView view) => _believedDead.Count == 0 ? view : view with
    {
        Pulses =
        [
            .. view.Pulses.Select(p => _believedDead.Contains(p.Value.Session)
                ? p with { Value = p.Value with { HasEnded = true } }
                : p),
        ],
    };

    private void ExtendLease(double killAt)
    {
        _killAt = Math.Max(_killAt ?? 0, killAt);
        foreach (var worker in _places.Values.Select(p => p.Worker).OfType<Worker>())
        {
            world.After(world.Random.Next(20), () => worker.ExtendLease(Real(killAt)));
        }
    }

    private void Fill(ClusterMember member, (string Service, int Id) key, Place place)
    {
        var number = place.Number;
        if (place.Worker is not null)
        {
            return;
        }

        if (place.IsGivenUp)
        {
            place.IsGivenUp = false;
            Call(member, m => m.Return(LocalNow, key.Service, key.Id, number));
        }
        else if (!place.IsGranted)
        {
            Call(member, m => m.OnVacant(LocalNow, key.Service, key.Id, number));
        }
        else
        {
            // Between the decision and the start of the timer, anything can happen: a pause, a stop, the death of the master.
            place.Incarnation = Math.Max(place.Incarnation + 1, place.First);
            var worker = place.Worker = new Worker(world, this, member.Session, key.Service, key.Id, place.Incarnation);
            _workers.Add(worker);
            var killAt = Real(_killAt ?? 0);
            world.After(world.Random.Next(300), () => worker.Start(killAt));
        }
    }

    private double StopTime() => world.Random.Next(world.Random.Next(3) switch { 0 => 500, 1 => 9000, _ => 60_000 });

    private void Revoke(ClusterMember member, (string Service, int Id) key, RevokeReason reason)
    {
        var place = Place.Of(_places, key);
        place.IsGranted = false;
        world.Note($"{name} revokes {key.Service}/{key.Id}: {reason}");
        if (place.Worker is { } worker)
        {
            worker.Stop(reason == RevokeReason.SessionLost ? 0 : StopTime());
            if (world.Mutant == Mutant.EarlyRelease)
            {
                world.After(1, () => Call(member, m => m.OnVacant(LocalNow, key.Service, key.Id, place.Number)));
            }
        }
        else
        {
            world.After(0, () => WhenRunning(member, () => Fill(member, key, place)));
        }
    }

    private void SendWrite(ClusterMember member, ClusterAction write, long number) => Send(
        member,
        () => Tuple.Create(world.Store.Write(write)),
        answer =>
        {
            var (outcome, revision) = answer?.Item1 ?? (WriteOutcome.Unknown, 0);
            member.OnWritten(LocalNow, number, outcome, revision);
        });

    /// <summary>Sends a request, and answers with null after the timeout.</summary>
    private void Send<T>(ClusterMember member, Func<T> request, Action<T?> answer)
        where T : class
    {
        var isAnswered = false;
        void Answer(T? value)
        {
            if (!isAnswered)
            {
                isAnswered = true;
                Call(member, _ => answer(value));
            }
        }

        world.After(world.OperationTimeout / _rate, () => WhenRunning(member, () => Answer(null)));
        // A connection that is cut loses requests, or delivers them when it is restored.
        var delay = Delay();
        if (world.Now < _cutUntil && _losesRequests)
        {
            if (world.Random.Next(2) == 0)
            {
                return;
            }

            delay += _cutUntil - world.Now;
        }

        world.After(delay, () =>
        {
            if (world.Store.IsBroken)
            {
                return;
            }

            var result = request();
            if (!(world.Now < _cutUntil && _losesAnswers))
            {
                world.After(Delay(), () => WhenRunning(member, () => Answer(result)));
            }
        });
    }

    private double Delay() => world.Now < _slowUntil ? world.Random.NextDouble() * _maxDelay : world.Random.Next(1, 20);
}
