namespace Cotyledon.Hosting.Supervision;

/// <summary>Executes the commands that are not for a worker: log, hooks, events, answers to requests, and the last command.</summary>
internal interface ISupervisorOutput
{
    /// <summary>Executes a command. Called on the supervisor's thread: must not wait, and must not call code of the program.</summary>
    void Execute(SupervisorCommand command);
}
