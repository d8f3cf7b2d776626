namespace Cotyledon.Hosting.Testing;

/// <summary>How a worker left.</summary>
/// <param name="Reason">Why.</param>
/// <param name="ExitCode">The exit code that its process would have had; <see langword="null"/> for one that would have been killed.</param>
/// <param name="Message">More about it: the exception's type and message, as in the exit record of the master.</param>
public sealed record TestWorkerExit(WorkerExitReason Reason, int? ExitCode, string? Message);
