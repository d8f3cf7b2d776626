namespace Cotyledon.Hosting.Cluster.Tests.Simulation;

/// <summary>
/// A machine: its clock, its master with a <see cref="ClusterMember"/>, and its workers. The master executes the actions of the member as the
/// supervisor and a store provider do.
/// </summary>
internal sealed class Machine(World world, string name)
{
    public static readonly string[] ServiceNames = ["Billing", "Mailer"];

    private readonly double _rate = 0.98 + (world.Random.NextDouble() * 0.04);
    private readonly double _offset = world.Random.Next(1_000_000);
    private readonly Dictionary<string, PulseService> _wishes = new()
    {
        ["Billing"] = new PulseService("Billing", 1),
        ["Mailer"] = new PulseService("Mailer", world.Random.Next(1, 7)),
    };

    private readonly List<Worker> _workers = [];
    private readonly Dictionary<(string Service, int Id), Place> _places = [];
    private readonly HashSet<string> _believedDead = [];
    private ClusterMember? _member;
    private double? _nextWake;
    private double? _killAt;
    private double _pausedUntil;
    private double _cutUntil;
    private double _slowUntil;
    private double _maxDelay;
    private bool _losesRequests;
    private bool _losesAnswers;
    private int _sessions;

    public string Name => name;

    private long LocalNow => (long)Local(world.Now);

    private bool IsPaused => world.Now < _pausedUntil;

    public PulseService Wish(string service) => _wishes[service];

    /// <summary>Starts the master.</summary>
    public void Boot()
    {
        if (_member is not null)
        {
            return;
        }

        world.Note($"{name} boots");
        (_killAt, _nextWake) = (null, null);
        _member = new ClusterMember(world.Times, name, 1, () => $"{name}.{++_sessions}");
        Call(_member, m => m.SetServices(LocalNow, [.. _wishes.Values]));
    }

    /// <summary>Kills the master. Its workers notice that and stop.</summary>
    public void Crash(double restartAfter)
    {
        if (_member is null)
        {
            return;
        }

        world.Note($"{name} crashes");
        _member = null;
        _places.Clear();
        foreach (var worker in _workers.Where(w => w.IsAlive).ToList())
        {
            worker.Stop(world.Random.Next(9000));
        }

        world.After(restartAfter, Boot);
    }

    public void Pause(double duration)
    {
        world.Note($"{name} is paused for {duration}");
        _pausedUntil = Math.Max(_pausedUntil, world.Now + duration);
    }

    public void PauseWorker(double duration) => AnyWorker()?.Pause(duration);

    public void CrashWorker() => AnyWorker()?.End("crashes");

    public void Cut(double duration, bool losesRequests, bool losesAnswers)
    {
        world.Note($"{name} is cut for {duration}, requests {losesRequests}, answers {losesAnswers}");
        (_cutUntil, _losesRequests, _losesAnswers) = (world.Now + duration, losesRequests, losesAnswers);
    }

    public void Slow(double duration, double maxDelay)
    {
        world.Note($"{name} is slow for {duration}, up to {maxDelay}");
        (_slowUntil, _maxDelay) = (world.Now + duration, maxDelay);
    }

    public void Resize()
    {
        var mailer = new PulseService("Mailer", world.Random.Next(1, 7), world.Random.Next(3) == 0 ? world.Random.Next(1, 4) : null);
        world.Note($"{name} wishes {mailer}");
        _wishes["Mailer"] = mailer;
        if (_member is { } member)
        {
            Call(member, m => m.SetServices(LocalNow, [.. _wishes.Values]));
        }
    }

    public void Leave(double restartAfter)
    {
        if (_member is { } member)
        {
            world.Note($"{name} leaves");
            Call(member, m => m.Leave(LocalNow));
            world.After(20_000, () => Restart(member, restartAfter));
        }
    }

    /// <summary>A worker process has exited.</summary>
    public void OnExit(Worker worker)
    {
        _workers.Remove(worker);
        var key = (worker.Service, worker.Id);
        if (_member is { } member && _places.TryGetValue(key, out var place) && place.Worker == worker)
        {
            WhenRunning(member, () =>
            {
                if (_places.GetValueOrDefault(key) == place && place.Worker == worker)
                {
                    place.Worker = null;
                    Fill(member, key, place);
                }
            });
        }
    }

    /// <summary>A master that has left, or that took too long to leave, is killed and started again.</summary>
    private void Restart(ClusterMember left, double restartAfter)
    {
        if (_member == left)
        {
            Crash(restartAfter);
        }
    }

    private double Local(double real) => _offset + (_rate * real);

    private double Real(double local) => (local - _offset) / _rate;

    private Worker? AnyWorker() => _workers.Where(w => w.IsAlive).ToList() is { Count: > 0 } alive ? alive[world.Random.Next(alive.Count)] : null;

    /// <summary>Does something in the master as soon as it is not paused, if it still lives.</summary>
    private void WhenRunning(ClusterMember member, Action action)
    {
        if (IsPaused)
        {
            world.After(_pausedUntil - world.Now, () => WhenRunning(member, action));
        }
        else if (_member == member)
        {
            action();
        }
    }

    private void Call(ClusterMember member, Action<ClusterMember> call) => WhenRunning(member, () =>
    {
        call(member);
        foreach (var action in member.TakeActions())
        {
            Execute(member, action);
        }

        if (_member == member && !member.HasLeft)
        {
            Schedule(member);
        }
    });

    private void Schedule(ClusterMember member)
    {
        var next = Real(member.NextWake(LocalNow)) + world.Random.Next(100);
        if (_nextWake is null || next < _nextWake || _nextWake <= world.Now)
        {
            _nextWake = next;
            world.After(next - world.Now, () =>
            {
                if (_nextWake == next)
                {
                    _nextWake = null;
                    Call(member, m => m.Wake(LocalNow));
                }
            });
        }
    }

    private void Execute(ClusterMember member, ClusterAction action)
    {
        switch (action)
        {
            case ClusterAction.Read read:
                Send(member, () => world.Store.Read(), view => member.OnRead(LocalNow, read.Number, view is null ? null : Seen(view)));
                break;
            case ClusterAction.WritePulse { Value: { HasEnded: true } pulse } write
                when world.Mutant == Mutant.NoDeclaration && pulse.Session != member.Session:
                _believedDead.Add(pulse.Session);
                world.After(1, () => Call(member, m => m.OnWritten(LocalNow, write.Number, WriteOutcome.Written, write.ExpectedRevision)));
                break;
            case ClusterAction.WritePulse write:
                SendWrite(member, write, write.Number, isRelease: false);
                break;
            case ClusterAction.WriteRoster write:
                SendWrite(member, write, write.Number, write.Value.Ids.Any(i => i.Owner.Length == 0));
                break;
            case ClusterAction.ExtendLease lease:
                ExtendLease(world.Mutant == Mutant.LeaseFromAnswer ? LocalNow + world.Times.Kill : lease.KillAt);
                break;
            case ClusterAction.Grant grant:
                var place = Place.Of(_places, (grant.Service, grant.Id));
                place.IsGranted = true;
                place.First = grant.FirstIncarnation;
                Fill(member, (grant.Service, grant.Id), place);
                break;
            case ClusterAction.Revoke revoke:
                Revoke(member, (revoke.Service, revoke.Id), revoke.Reason);
                break;
        }
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
        if (!place.IsGranted)
        {
            if (place.Worker is null)
            {
                Call(member, m => m.OnVacant(LocalNow, key.Service, key.Id));
            }

            return;
        }

        if (place.Worker is not null || place.IsStarting)
        {
            return;
        }

        place.IsStarting = true;
        world.After(world.Random.Next(300), () => WhenRunning(member, () =>
        {
            place.IsStarting = false;
            if (!place.IsGranted || _killAt is null)
            {
                Fill(member, key, place);
            }
            else if (Real(_killAt.Value) <= world.Now)
            {
                // Its timer would kill it before it runs any code of the service.
                world.After(500, () => WhenRunning(member, () => Fill(member, key, place)));
            }
            else
            {
                place.Incarnation = Math.Max(place.Incarnation + 1, place.First);
                var worker = place.Worker = new Worker(world, this, key.Service, key.Id, place.Incarnation);
                _workers.Add(worker);
                world.Note($"{worker} starts");
                world.Started(worker);
                worker.ExtendLease(Real(_killAt.Value));
            }
        }));
    }

    private void Revoke(ClusterMember member, (string Service, int Id) key, RevokeReason reason)
    {
        var place = Place.Of(_places, key);
        place.IsGranted = false;
        world.Note($"{name} revokes {key.Service}/{key.Id}: {reason}");
        if (place.Worker is { } worker)
        {
            worker.Stop(world.Random.Next(world.Random.Next(2) == 0 ? 500 : 9000));
            if (world.Mutant == Mutant.EarlyRelease)
            {
                place.Worker = null;
                world.After(1, () => Call(member, m => m.OnVacant(LocalNow, key.Service, key.Id)));
            }
        }
        else if (!place.IsStarting)
        {
            world.After(0, () => WhenRunning(member, () => Fill(member, key, place)));
        }
    }

    private void SendWrite(ClusterMember member, ClusterAction write, long number, bool isRelease) => Send(
        member,
        () => Tuple.Create(world.Store.Write(write)),
        answer =>
        {
            var (outcome, revision) = answer?.Item1 ?? (WriteOutcome.Unknown, 0);
            if (outcome == WriteOutcome.Unknown && isRelease && world.Mutant == Mutant.NoNewerClaim)
            {
                outcome = WriteOutcome.Conflict;
            }

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
        var isCut = world.Now < _cutUntil;
        if (isCut && _losesRequests)
        {
            return;
        }

        world.After(Delay(), () =>
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

    /// <summary>The supervisor's slot for a worker id.</summary>
    private sealed class Place
    {
        public bool IsGranted { get; set; }

        public bool IsStarting { get; set; }

        public long First { get; set; }

        public long Incarnation { get; set; }

        public Worker? Worker { get; set; }

        public static Place Of(Dictionary<(string Service, int Id), Place> places, (string Service, int Id) key)
        {
            if (!places.TryGetValue(key, out var place))
            {
                places[key] = place = new Place();
            }

            return place;
        }
    }
}
