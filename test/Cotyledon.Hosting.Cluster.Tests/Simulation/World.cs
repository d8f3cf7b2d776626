namespace Cotyledon.Hosting.Cluster.Tests.Simulation;

/// <summary>
/// Several machines, their masters and workers, and a store, in virtual time. The same seed gives the same run. All times are in milliseconds
/// of real time, unless they are called local.
/// </summary>
internal sealed class World
{
    /// <summary>How long faults happen.</summary>
    private const double FaultTime = 4 * 60_000;

    /// <summary>How long nothing happens after that, so that the cluster can settle.</summary>
    private const double QuietTime = 1_000_000;

    private readonly PriorityQueue<Action, (double At, long Number)> _events = new();
    private readonly Dictionary<(string Service, int Id), Worker> _running = [];
    private readonly Dictionary<(string Service, int Id), long> _incarnations = [];
    private readonly List<string> _tail = [];
    private readonly Machine[] _machines;
    private readonly bool _hasOneLease;
    private long _lastEvent;
    private bool _isSettled;

    public World(int seed, Mutant mutant)
    {
        Random = new Random(seed);
        Mutant = mutant;
        OperationTimeout = Random.Next(2000, 9000);
        _hasOneLease = Random.Next(4) != 0;
        Store = new Store(this) { Changed = () => HintAll() };
        _machines = [.. Enumerable.Range(0, Random.Next(2, 6)).Select(i => new Machine(this, $"m{i}"))];
    }

    public Random Random { get; }

    public Mutant Mutant { get; }

    /// <summary>How long a machine waits for the answer of the store, on its own clock.</summary>
    public double OperationTimeout { get; }

    public Store Store { get; }

    public double Now { get; private set; }

    /// <summary>What was violated first.</summary>
    public string? Violation { get; private set; }

    /// <summary>The number of workers that were started.</summary>
    public int Starts { get; private set; }

    /// <summary>Whether faults happen.</summary>
    public bool HasFaults => Now < FaultTime;

    /// <summary>Returns the times of one machine. In some worlds, the machines have different leases.</summary>
    public ClusterTimes CreateTimes()
    {
        var times = ClusterTimes.Of(TimeSpan.FromSeconds(_hasOneLease ? 15 : Random.Next(10, 30)));
        return Mutant == Mutant.NoMargin ? times with { Stop = times.Lease, Kill = times.Lease } : times;
    }

    public void Run()
    {
        foreach (var machine in _machines)
        {
            After(Random.Next(5000), machine.Boot);
            After(Random.Next(20_000), () => Disturb(machine));
        }

        After(Random.Next(30_000), DisturbStore);
        for (var at = FaultTime; at < FaultTime + QuietTime; at += 30_000)
        {
            After(at, () => _isSettled = FindUnsettled() is null);
        }

        // A mutant has to violate a guarantee, not only to be slow.
        var end = Mutant == Mutant.None ? FaultTime + QuietTime : FaultTime;
        while (Violation is null && !_isSettled && _events.TryDequeue(out var happen, out var key) && key.At < end)
        {
            Now = key.At;
            happen();
        }

        if (Violation is null && Mutant == Mutant.None)
        {
            if (FindUnsettled() is { } unsettled)
            {
                Violate(unsettled);
            }

            foreach (var machine in _machines.Where(m => m.Wakes > 50 * Now / 1000))
            {
                Violate($"{machine.Name} was woken {machine.Wakes} times");
            }
        }
    }

    public void After(double delay, Action action) => _events.Enqueue(action, (Now + Math.Max(0, delay), ++_lastEvent));

    public void Note(string text)
    {
        _tail.Add(FormattableString.Invariant($"{Now / 1000:0.000} {text}"));
        if (_tail.Count > 400)
        {
            _tail.RemoveRange(0, 200);
        }
    }

    /// <summary>The last notes, to understand a violation.</summary>
    public string Describe() => string.Join('\n', _tail);

    public void Started(Worker worker)
    {
        Starts++;
        var key = (worker.Service, worker.Id);
        if (_running.TryGetValue(key, out var other) && other.IsRunning)
        {
            Violate($"{worker} runs while {other} does");
        }

        // The store knows who may run. A worker of a master that has just been killed may still start.
        var record = Store.Id(worker.Service, worker.Id);
        if (Mutant == Mutant.None && record.Owner != worker.Session)
        {
            Violate($"{worker} of {worker.Session} runs, but {record.Owner} holds the id");
        }

        if (Mutant == Mutant.None && (worker.Incarnation < record.Incarnation || worker.Incarnation >= record.Incarnation + RosterId.Block))
        {
            Violate($"{worker} runs, but the claim has incarnation {record.Incarnation}");
        }

        if (worker.Incarnation <= _incarnations.GetValueOrDefault(key))
        {
            Violate($"{worker} runs after incarnation {_incarnations[key]}");
        }

        (_running[key], _incarnations[key]) = (worker, worker.Incarnation);
    }

    private void Violate(string text)
    {
        Note(text);
        Violation ??= text;
    }

    /// <summary>Returns what is missing until each id has a worker, and the machines are balanced.</summary>
    private string? FindUnsettled()
    {
        foreach (var service in Machine.ServiceNames)
        {
            var requested = _machines.Select(m => m.Requested(service)).OfType<PulseService>().ToList();
            var target = requested.Select(r => r.Workers).DefaultIfEmpty().Max();
            var running = _running.Values.Where(w => w.Service == service && w.IsRunning).ToList();
            var room = requested.Sum(r => (long)(r.MaxHere ?? target));
            if (running.Any(w => w.Id >= target) || running.Count != Math.Min(target, room))
            {
                return $"{service}: {target} wanted, runs {string.Join(", ", running)}";
            }

            var counts = _machines.Where(m => m.Requested(service) is not null).Select(m => running.Count(w => w.Machine == m)).ToList();
            if (requested.Count > 0 && requested.All(r => r.MaxHere is null) && counts.Max() - counts.Min() > 1)
            {
                return $"{service}: not balanced: {string.Join(", ", counts)}";
            }
        }

        return null;
    }

    /// <summary>Most hints arrive.</summary>
    private void HintAll()
    {
        foreach (var machine in _machines.Where(_ => Random.Next(10) != 0))
        {
            After(Random.Next(1, 30), machine.Hint);
        }
    }

    private void Disturb(Machine machine)
    {
        if (!HasFaults)
        {
            return;
        }

        var duration = Random.Next(10) == 0 ? Random.Next(40_000) : Random.Next(15_000);
        switch (Random.Next(13))
        {
            case 0:
                machine.Crash(restartAfter: duration);
                break;
            case 1:
                machine.Pause(duration);
                break;
            case 2:
                machine.PauseWorker(duration);
                break;
            case 3 or 4:
                machine.Cut(duration, losesRequests: Random.Next(2) == 0, losesAnswers: Random.Next(2) == 0);
                break;
            case 5 or 6:
                machine.Scale();
                After(Random.Next(8000), machine.Scale);
                break;
            case 7:
                machine.Leave(duration);
                break;
            case 8:
                machine.CrashWorker();
                break;
            case 9:
                machine.GiveUpWorker();
                break;
            default:
                machine.Slow(Math.Min(3 * duration, FaultTime - Now), Random.Next(9000));
                break;
        }

        After(Random.Next(15_000), () => Disturb(machine));
    }

    private void DisturbStore()
    {
        if (HasFaults)
        {
            Store.BreakFor(Random.Next(30_000));
            After(10_000 + Random.Next(90_000), DisturbStore);
        }
    }
}
