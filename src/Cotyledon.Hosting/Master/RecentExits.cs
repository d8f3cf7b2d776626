namespace Cotyledon.Hosting.Master;

/// <summary>Keeps the last exits of workers. Their memory is limited, because message and standard error of each are.</summary>
internal sealed class RecentExits
{
    private const int MaxKept = 64;

    private readonly Lock _gate = new();
    private readonly Ring<WorkerExit> _kept = new(MaxKept);

    public void Add(WorkerExit exit)
    {
        lock (_gate)
        {
            _kept.Add(exit);
        }
    }

    /// <summary>Returns up to <paramref name="max"/> exits, newest first.</summary>
    public IReadOnlyList<WorkerExit> Get(int max)
    {
        lock (_gate)
        {
            return [.. _kept.Items.Reverse().Take(max)];
        }
    }
}
