namespace Cotyledon.Hosting.Serilog.Sending;

/// <summary>The sending side of a worker's connection.</summary>
internal interface ISendPort
{
    /// <summary>Sends as many bytes as possible without waiting. Called under a lock.</summary>
    /// <returns>The number of bytes sent; 0 if there is no room; -1 if the connection is closed.</returns>
    int TrySend(ReadOnlySpan<byte> bytes);

    /// <summary>Waits until there is room or the connection is closed.</summary>
    void WaitUntilWritable();

    /// <summary>Waits until the accepted bytes have left this process.</summary>
    /// <returns>False if they have not within <paramref name="timeout"/>.</returns>
    bool HasSent(TimeSpan timeout);
}
