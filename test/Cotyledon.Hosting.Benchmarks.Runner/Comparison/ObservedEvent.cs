namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

/// <summary>An event of a measured system that is observed from outside, with its time.</summary>
internal abstract record ObservedEvent(TimeSpan Time, int ProcessId)
{
    /// <summary>A datagram of a report.</summary>
    /// <param name="Time">The time at which it was received.</param>
    /// <param name="Word">The kind: ready, reloaded, restarted, queue or latency.</param>
    /// <param name="Detail">The id of the worker, an outcome, or a number.</param>
    /// <param name="ProcessId">The process that sent it.</param>
    public sealed record Reported(TimeSpan Time, string Word, string Detail, int ProcessId) : ObservedEvent(Time, ProcessId);

    public sealed record Exited(TimeSpan Time, int ProcessId) : ObservedEvent(Time, ProcessId);
}
