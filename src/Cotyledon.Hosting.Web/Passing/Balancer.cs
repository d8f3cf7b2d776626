namespace Cotyledon.Hosting.Web.Passing;

/// <summary>Chooses the worker for a connection. Deterministic: the result depends on the workers and the time only.</summary>
/// <param name="workers">The workers, in the order of their start.</param>
/// <param name="affinity">Whether a client always gets the same worker, if that can take its connection.</param>
internal sealed class Balancer(List<WorkerLink> workers, WebAffinity affinity)
{
    private int _last;

    /// <summary>Returns whether a worker takes connections that does not stop.</summary>
    public bool IsAnyStaying(long now)
    {
        foreach (var worker in workers)
        {
            if (!worker.IsLeaving && worker.IsTaking(now))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Returns the worker, or <see langword="null"/> if none can take the connection. Workers that stop get connections only while no other
    /// worker takes any.
    /// </summary>
    public WorkerLink? Choose(int endpoint, ulong client, long now)
    {
        var isAnyStaying = IsAnyStaying(now);
        WorkerLink? best = null;
        for (var i = 1; i <= workers.Count; i++)
        {
            // Starts after the worker that was chosen last, so that equal workers take turns.
            var worker = workers[(_last + i) % workers.Count];
            if ((!worker.IsLeaving || !isAnyStaying) && worker.CanTake(endpoint, now) && (best is null || IsBetter(worker, best, client)))
            {
                best = worker;
            }
        }

        return best;
    }

    /// <summary>Remembers the choice.</summary>
    public void OnChosen(WorkerLink worker) => _last = Math.Max(0, workers.IndexOf(worker));

    private bool IsBetter(WorkerLink worker, WorkerLink best, ulong client) => affinity == WebAffinity.ClientAddress && client != 0
        ? Weight(client, worker) > Weight(client, best)
        : worker.Connections < best.Connections;

    /// <summary>Rendezvous hashing (Thaler, Ravishankar 1996): if a worker is missing, only its own clients move.</summary>
    private static ulong Weight(ulong client, WorkerLink worker)
    {
        unchecked
        {
            var z = client ^ ((ulong)(worker.WorkerId + 1) * 0x9E3779B97F4A7C15UL);
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            return z ^ (z >> 31);
        }
    }
}
