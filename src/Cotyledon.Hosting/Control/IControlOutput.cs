namespace Cotyledon.Hosting.Control;

/// <summary>The lines that are sent to the other end of a connection. All members are thread-safe.</summary>
internal interface IControlOutput
{
    /// <summary>Adds a line. It is dropped if the connection is closed.</summary>
    void Send(byte[] line);

    /// <summary>Waits until few bytes wait to be sent, so that a slow reader fills no memory.</summary>
    ValueTask WaitForRoomAsync(CancellationToken cancellationToken);

    /// <summary>Notes that a request has been answered, so that the next one can be read.</summary>
    void OnAnswered();
}
