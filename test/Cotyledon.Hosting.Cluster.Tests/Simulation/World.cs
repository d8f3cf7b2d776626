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
    private const double QuietTime = 700_000;

    private readonly PriorityQueue<Action, (double At, long Number)> _events = new();
    private readonly Dictionary<(string Service, int Id), Worker> _running = [];
    private readonly Dictionary<(string Service, int Id), long> _incarnations = [];
    private readonly List<string> _tail = [];
    private readonly Machine[] _machines;
    private long _lastEvent;

    public World(int seed, Mutant mutant)
    {
        Random = new Random(seed);
        Mutant = mutant;
        Times = ClusterTimes.Of(TimeSpan.FromSeconds(15));
        if (mutant == Mutant.NoMargin)
        {
            Times = Times with { Stop = Times.Lease, Kill = Times.Lease };
        }

        OperationTimeout = Random.Next(3000, 10_000);
        Store = new Store(this);
        _machines = [.. Enumerable.Range(0, Random.Next(2, 6)).Select(i => new Machine(this, $"m{i}"))];
    }

    public Random Random { get; }

    public Mutant Mutant { get; }

    public ClusterTimes Times { get; }

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

    public void Run()
    {
        foreach (var machine in _machines)
        {
            After(Random.Next(5000), machine.Boot);
            After(Random.Next(20_000), () => Disturb(machine));
        }

        After(Random.Next(30_000), DisturbStore);
        // A mutant has to violate a guarantee, not only to be slow.
        var end = Mutant == Mutant.None ? FaultTime + QuietTime : FaultTime;
        while (Violation is null && _events.TryDequeue(out var happen, out var key) && key.At < end)
        {
            Now = key.At;
            happen();
        }

        if (Violation is null && Mutant == Mutant.None)
        {
            CheckSettled();
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
        if (_running.TryGetValue(key, out var other) && other.IsAlive)
        {
            Violate($"{worker} starts while {other} runs");
        }

        if (worker.Incarnation <= _incarnations.GetValueOrDefault(key))
        {
            Violate($"{worker} starts after incarnation {_incarnations[key]}");
        }

        (_running[key], _incarnations[key]) = (worker, worker.Incarnation);
    }

    private void Violate(string text)
    {
        Note(text);
        Violation ??= text;
    }

    /// <summary>After the quiet time, each id has a worker, and the machines are balanced.</summary>
    private void CheckSettled()
    {
        foreach (var service in Machine.ServiceNames)
        {
            var target = _machines.Max(m => m.Wish(service).Workers);
            var running = _running.Values.Where(w => w.Service == service && w.IsAlive).ToList();
            var room = _machines.Sum(m => (long)(m.Wish(service).MaxHere ?? target));
            if (!running.Select(w => w.Id).Order().SequenceEqual(Enumerable.Range(0, target).Where(id => running.Any(w => w.Id == id)))
                || running.Count != Math.Min(target, room))
            {
                Violate($"{service}: {target} wanted, runs {string.Join(", ", running)}");
            }

            var counts = _machines.Select(m => running.Count(w => w.Machine == m)).ToList();
            if (_machines.All(m => m.Wish(service).MaxHere is null) && counts.Max() - counts.Min() > 1)
            {
                Violate($"{service}: not balanced: {string.Join(", ", counts)}");
            }
        }
    }

    private void Disturb(Machine machine)
    {
        if (!HasFaults)
        {
            return;
        }

        var duration = Random.Next(10) == 0 ? Random.Next(40_000) : Random.Next(15_000);
        switch (Random.Next(12))
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
                machine.Resize();
                After(Random.Next(8000), machine.Resize);
                break;
            case 7:
                machine.Leave(duration);
                break;
            case 8:
                machine.CrashWorker();
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
