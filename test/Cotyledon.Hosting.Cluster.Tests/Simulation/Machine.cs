namespace Cotyledon.Hosting.Cluster.Tests.Simulation;

/// <summary>
/// A machine: its clock, its master with a <see cref="ClusterMember"/>, its workers, and the faults that happen to it.
/// </summary>
internal sealed partial class Machine(World world, string name)
{
    public static readonly string[] ServiceNames = ["Billing", "Mailer"];

    private readonly ClusterTimes _times = world.CreateTimes();
    private readonly double _rate = 0.975 + (world.Random.NextDouble() * 0.05); // Two rates differ by 5 % at most.
    private readonly double _offset = world.Random.Next(1_000_000);
    private readonly Dictionary<string, PulseService?> _requested = new()
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
    private ClusterView? _lastView;

    public string Name => name;

    private IReadOnlyList<PulseService> Services => [.. _requested.Values.OfType<PulseService>()];

    private long LocalNow => (long)Local(world.Now);

    private bool IsPaused => world.Now < _pausedUntil;

    /// <summary>How often the member was called because its time had come.</summary>
    public int Wakes { get; private set; }

    /// <summary>What the settings of this machine say; <see langword="null"/> if its program does not have the service.</summary>
    public PulseService? Requested(string service) => _requested[service];

    /// <summary>Starts the master.</summary>
    public void Boot()
    {
        if (_member is not null)
        {
            return;
        }

        world.Note($"{name} boots");
        (_killAt, _nextWake) = (null, null);
        _member = new ClusterMember(_times, name, 1, () => $"{name}.{++_sessions}");
        Call(_member, m => m.SetServices(LocalNow, Services));
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
            worker.Stop(StopTime());
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

    public void Scale()
    {
        var mailer = world.Random.Next(8) == 0 ? null
            : new PulseService("Mailer", world.Random.Next(1, 7), world.Random.Next(3) == 0 ? world.Random.Next(1, 4) : null);
        world.Note($"{name} requests {mailer}");
        _requested["Mailer"] = mailer;
        if (_member is { } member)
        {
            Call(member, m => m.SetServices(LocalNow, Services));
        }
    }

    public void Hint()
    {
        if (_member is { } member && !(world.Now < _cutUntil))
        {
            Call(member, m => m.OnHint(LocalNow));
        }
    }

    /// <summary>The supervisor gives up a worker that crashes too often.</summary>
    public void GiveUpWorker()
    {
        if (_member is { } member && AnyWorker() is { } worker && _places.TryGetValue((worker.Service, worker.Id), out var place)
            && place.Worker == worker && place.IsGranted)
        {
            place.IsGranted = false;
            place.IsGivenUp = true;
            worker.End("is given up");
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
                    world.After(place.IsGranted ? 100 : 0, () => WhenRunning(member, () => Fill(member, key, place)));
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
        Execute(member, member.TakeActions());

        if (_member == member && !member.HasLeft)
        {
            Schedule(member);
        }
    });

    private void Schedule(ClusterMember member)
    {
        var wake = member.NextWake(LocalNow);
        if (wake == long.MaxValue)
        {
            return;
        }

        var next = Real(wake) + 0.001;
        if (_nextWake is null || next < _nextWake || _nextWake <= world.Now)
        {
            _nextWake = next;
            world.After(next - world.Now, () =>
            {
                if (_nextWake == next)
                {
                    _nextWake = null;
                    Wakes++;
                    Call(member, m => m.Wake(LocalNow));
                }
            });
        }
    }

    /// <summary>The supervisor's slot for a worker id.</summary>
    private sealed class Place
    {
        public bool IsGranted { get; set; }

        public bool IsGivenUp { get; set; }

        public long Number { get; set; }

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
