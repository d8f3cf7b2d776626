namespace Cotyledon.Hosting.Cluster.Tests.Simulation;

/// <summary>A worker process. A timer of the kernel kills it at the end of the lease, also while it is paused.</summary>
internal sealed class Worker(World world, Machine machine, string service, int id, long incarnation)
{
    private double _killAt;
    private double _pausedUntil;

    public Machine Machine => machine;

    public string Service => service;

    public int Id => id;

    public long Incarnation => incarnation;

    public bool IsAlive { get; private set; } = true;

    private bool IsPaused => world.Now < _pausedUntil;

    public override string ToString() => $"{machine.Name} {service}/{id}#{incarnation}";

    /// <summary>Starts the timer, or extends it.</summary>
    public void ExtendLease(double killAt)
    {
        if (IsPaused)
        {
            // It reads the message when it continues.
            world.After(_pausedUntil - world.Now, () => ExtendLease(killAt));
        }
        else if (IsAlive && killAt > _killAt)
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
    }

    public void Stop(double duration) => world.After(duration, () =>
    {
        if (IsPaused)
        {
            Stop(_pausedUntil - world.Now);
        }
        else
        {
            End("stopped");
        }
    });

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
}
