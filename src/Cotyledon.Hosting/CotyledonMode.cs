namespace Cotyledon.Hosting;

/// <summary>Where workers run.</summary>
public enum CotyledonMode
{
    /// <summary>
    /// As <see cref="Processes"/>; but as <see cref="InProcess"/> where the program that runs is not the application itself: a test
    /// host, <c>WebApplicationFactory</c>; and under <c>dotnet watch</c>, which can change the code of one process only.
    /// </summary>
    Auto,

    /// <summary>Each in a process of its own. Where that cannot be, such as in a test host, inside the master's.</summary>
    Processes,

    /// <summary>
    /// All inside the master's process, each in a scope of its own, with the same hooks in the same order: for a debugger. What only
    /// processes give is missing: a worker that hangs cannot be killed, one that calls <c>Environment.Exit</c> ends the program,
    /// singletons are shared, <c>SpareWorkers</c>, <c>MaxMemory</c>, <c>Environment</c> and <c>Nice</c> have no effect.
    /// </summary>
    InProcess,
}
