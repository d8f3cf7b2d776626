using Cotyledon.Hosting.Serilog.Wire;

namespace Cotyledon.Hosting.Serilog.Receiving;

/// <summary>Receives reports of log events that are lost. Called on the thread that writes the log.</summary>
internal interface ILogLosses
{
    /// <summary>A worker has dropped events, because its buffer was full.</summary>
    void OnDropped(LogIdentity worker, long count);

    /// <summary>Frames of a worker could not be read and were skipped. Called at most once per interval, and at the end.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="count">The number of frames since the previous call.</param>
    /// <param name="error">The error of the last frame.</param>
    void OnUnreadable(LogIdentity worker, long count, Exception error);

    /// <summary>A worker sent a frame whose length is not valid. Its connection is closed, and the rest of its log is lost.</summary>
    void OnClosed(LogIdentity worker, Exception error);
}
