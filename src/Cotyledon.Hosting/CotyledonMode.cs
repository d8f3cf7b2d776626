namespace Cotyledon.Hosting;

/// <summary>Specifies where workers run.</summary>
public enum CotyledonMode
{
    /// <summary>
    /// As <see cref="Processes"/>, except in a test host (<c>WebApplicationFactory</c> included) and under <c>dotnet watch</c>, which can
    /// change the code of one process only: there as <see cref="InProcess"/>.
    /// </summary>
    Auto = 0,

    /// <summary>Each worker runs in a process of its own; in a test host, where that is impossible, in the process of the master.</summary>
    Processes = 1,

    /// <summary>
    /// All workers run in the process of the master, each in a scope of its own, with the same hooks in the same order: for debuggers. A
    /// worker that hangs cannot be killed, one that calls <c>Environment.Exit</c> ends the program, singletons are shared, and
    /// <c>SpareWorkers</c>, <c>MaxMemory</c>, <c>Environment</c> and <c>Nice</c> have no effect.
    /// </summary>
    InProcess = 2,
}
