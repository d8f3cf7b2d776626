namespace Cotyledon.Hosting.Testing;

/// <summary>Describes how a worker exited.</summary>
public sealed record TestWorkerExit
{
    /// <summary>Gets the reason.</summary>
    public required WorkerExitReason Reason { get; init; }

    /// <summary>Gets the exit code that the process would have had.</summary>
    /// <value><see langword="null"/> if the process would have been killed.</value>
    public int? ExitCode { get; init; }

    /// <summary>Gets more about the reason, such as the type and message of the exception.</summary>
    public string? Message { get; init; }
}
