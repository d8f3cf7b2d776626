namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

/// <summary>What is seen of a system from outside, and when.</summary>
internal abstract record Happening(TimeSpan Time, int ProcessId)
{
    /// <summary>A datagram.</summary>
    /// <param name="Time">When it was there.</param>
    /// <param name="Word">ready, reloaded, restarted, queue, latency.</param>
    /// <param name="Detail">The id of the worker, an outcome, or a number.</param>
    /// <param name="ProcessId">Who says it.</param>
    public sealed record Reported(TimeSpan Time, string Word, string Detail, int ProcessId) : Happening(Time, ProcessId);

    public sealed record Exited(TimeSpan Time, int ProcessId) : Happening(Time, ProcessId);
}
