namespace Cotyledon.Hosting;

/// <summary>Specifies where the worker ids of a service are unique.</summary>
public enum WorkerScope
{
    /// <summary>In the program: each program that has the service runs all of its workers.</summary>
    Program = 0,

    /// <summary>
    /// In the cluster: all programs that share a cluster store divide the worker ids among them, and at most one process has a worker id at a time. A
    /// service with one worker runs on one machine only.
    /// </summary>
    Cluster = 1,
}
