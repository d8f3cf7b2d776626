namespace Cotyledon.Hosting.Cluster.Tests.Simulation;

/// <summary>
/// A worker process. Before it runs code of its service, it starts a timer of the kernel, which kills it at the end of the lease, also while it is
/// paused.
/// </summary>
internal sealed class Worker(World world, Machine machine, string session, string service, int id, long incarnation)
{
    private double _killAt;
    private double _pausedUntil;
    private bool _isRunning;

    public Machine Machine => machine;

    /// <summary>The session that has granted its id.</summary>
    public string Session => session;

    public string Service => service;

    public int Id => id;

    public long Incarnation => incarnation;

    /// <summary>Whether the process exists.</summary>
    public bool IsAlive { get; private set; } = true;

    /// <summary>Whether code of the service may run.</summary>
    public bool IsRunning => IsAlive && _isRunning;

    private bool IsPaused => world.Now < _pausedUntil;

    public override string ToString() => $"{machine.Name} {service}/{id}#{incarnation}";

    /// <summary>The process has its id and the end of the lease, and runs.</summary>
    public void Start(double killAt) => WhenRunning(() =>
    {
        if (!IsAlive)
        {
            return;
        }

        ExtendLease(killAt);
        if (world.Now >= _killAt)
        {
            End("came too late");
            return;
        }

        _isRunning = true;
        world.Note($"{this} runs");
        world.Started(this);
    });

    public void ExtendLease(double killAt) => WhenRunning(() =>
    {
        if (IsAlive && killAt > _killAt)
        {
            _killAt = killAt;
            world.After(killAt - world.Now, () =>
            {
                if (world.Now >= _killAt - 0.001) // The sum of two doubles may be a little less.
                {
                    End("killed at the end of the lease");
                }
            });
        }
    });

    public void Stop(double duration) => world.After(duration, () => WhenRunning(() => End("stopped")));

    public void Pause(double duration) => _pausedUntil = Math.Max(_pausedUntil, world.Now + duration);

    public void End(string how)
    {
        if (IsAlive)
        {
            IsAlive = false;
            world.Note($"{this} {how}");
            machine.OnExit(this);
        }
    }

    private void WhenRunning(Action action)
    {
        if (IsPaused)
        {
            world.After(_pausedUntil - world.Now + 0.001, () => WhenRunning(action));
        }
        else
        {
            action();
        }
    }
}
