namespace Cotyledon.Hosting;

/// <summary>Specifies where workers run.</summary>
public enum CotyledonMode
{
    /// <summary>
    /// Like <see cref="Processes"/>, but like <see cref="InProcess"/> in a test host (including <c>WebApplicationFactory</c>) and under
    /// <c>dotnet watch</c>, which can change the code of one process only.
    /// </summary>
    Auto = 0,

    /// <summary>Each worker runs in its own process. In a test host that is impossible, and <see cref="InProcess"/> applies.</summary>
    Processes = 1,

    /// <summary>
    /// All workers run in the process of the master, each in its own scope, with the same hooks in the same order. This is for debuggers.
    /// A worker that hangs cannot be killed, a worker that calls <c>Environment.Exit</c> ends the program, and singletons are shared.
    /// <c>SpareWorkers</c>, <c>MaxMemory</c>, <c>Environment</c> and <c>Nice</c> have no effect.
    /// </summary>
    InProcess = 2,
}
