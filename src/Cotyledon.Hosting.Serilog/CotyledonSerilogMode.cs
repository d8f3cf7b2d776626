namespace Cotyledon.Hosting.Serilog;

/// <summary>Who writes the events of workers.</summary>
public enum CotyledonSerilogMode
{
    /// <summary>Workers send their events to the master, and the master writes them: sinks exist in the master only.</summary>
    Forward = 0,

    /// <summary>Each process has all sinks and writes itself, as with <c>AddSerilog</c>. Files then need a name for each process.</summary>
    Direct = 1,
}
