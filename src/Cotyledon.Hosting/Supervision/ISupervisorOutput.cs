namespace Cotyledon.Hosting.Supervision;

/// <summary>Where the supervisor's commands go that are not for a worker: log, hooks, watchers, requests, the end.</summary>
internal interface ISupervisorOutput
{
    /// <summary>Called on the supervisor's thread: must not wait, nor call user code.</summary>
    void Execute(SupervisorCommand command);
}
