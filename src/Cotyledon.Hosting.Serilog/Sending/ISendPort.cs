namespace Cotyledon.Hosting.Serilog.Sending;

/// <summary>The worker's end of the stream, for what it sends.</summary>
internal interface ISendPort
{
    /// <summary>Hands over as much as goes at once; called under a lock.</summary>
    /// <returns>How much; 0 when it is full; -1 when nobody reads it any more.</returns>
    int TrySend(ReadOnlySpan<byte> bytes);

    /// <summary>Waits until there is room, or nobody reads any more.</summary>
    void WaitUntilWritable();

    /// <summary>Whether what was taken has left this process.</summary>
    bool HasSent(TimeSpan timeout);
}
