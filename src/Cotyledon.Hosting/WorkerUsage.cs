namespace Cotyledon.Hosting;

/// <summary>Contains the processor time and the memory that a worker or the master uses, and what it serves. See <see cref="ICotyledonManager.MeasureAsync"/>.</summary>
public sealed record WorkerUsage
{
    /// <summary>Gets the name of the service.</summary>
    /// <value><see langword="null"/> for the master.</value>
    public string? Service { get; init; }

    /// <summary>Gets the worker id.</summary>
    /// <value><see langword="null"/> for the master.</value>
    public int? WorkerId { get; init; }

    /// <summary>Gets the process id.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Gets the processor time since the previous measurement, in percent of one processor.</summary>
    /// <value><see langword="null"/> at the first measurement of a process; more than 100 if the process uses several processors.</value>
    public double? CpuPercent { get; init; }

    /// <summary>Gets the memory in bytes.</summary>
    /// <value>
    /// On Linux the proportional set size, in which each shared page is divided by the number of its processes; on Windows the private memory;
    /// on other systems, and if the kernel does not show it, the resident set size.
    /// </value>
    public long MemoryBytes { get; init; }

    /// <summary>Gets the number of open connections of a worker that serves a web application (package Cotyledon.Hosting.Web).</summary>
    /// <value><see langword="null"/> for other processes, until the worker serves, and if the numbers could not be measured.</value>
    public int? Connections { get; init; }

    /// <summary>
    /// Gets the number of requests that the worker has received since its process was started. If the worker does not answer, because it is paused
    /// or its thread pool is blocked, the number of its last answer.
    /// </summary>
    /// <value><see langword="null"/> in the same cases as <see cref="Connections"/>.</value>
    public long? Requests { get; init; }
}
