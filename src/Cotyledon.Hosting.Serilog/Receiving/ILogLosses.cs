using Cotyledon.Hosting.Serilog.Wire;

namespace Cotyledon.Hosting.Serilog.Receiving;

/// <summary>Takes what becomes of log events that are not written. Called on the thread that writes the log.</summary>
internal interface ILogLosses
{
    /// <summary>A worker has dropped events: they came faster than they were sent.</summary>
    void OnDropped(LogIdentity worker, long count);

    /// <summary>Frames of a worker could not be read and were skipped. Called now and then, with how many there were since.</summary>
    /// <param name="worker">Whose.</param>
    /// <param name="count">How many.</param>
    /// <param name="error">Why the last one could not be read.</param>
    void OnUnreadable(LogIdentity worker, long count, Exception error);

    /// <summary>The frames of a worker cannot be told apart any more: its stream was closed, and the rest of its log is lost.</summary>
    void OnClosed(LogIdentity worker, Exception error);
}
