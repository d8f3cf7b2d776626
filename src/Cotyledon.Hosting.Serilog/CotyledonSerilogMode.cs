namespace Cotyledon.Hosting.Serilog;

/// <summary>Specifies which process writes the log events of workers.</summary>
public enum CotyledonSerilogMode
{
    /// <summary>Workers send their events to the master, and the master writes them. Only the master has sinks.</summary>
    Forward = 0,

    /// <summary>Each process has all sinks and writes its own events, as with <c>AddSerilog</c>. Each process then needs log files of its own.</summary>
    Direct = 1,
}
