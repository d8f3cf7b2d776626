namespace Cotyledon.Hosting.Web.Passing;

/// <summary>A connection that the master has accepted, and that no worker has acknowledged yet.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Endpoint">The id of its endpoint.</param>
/// <param name="Socket">The master's descriptor.</param>
/// <param name="Client">The hash of the address of the client.</param>
/// <param name="AcceptedAt">The time in milliseconds at which the master has accepted it.</param>
internal sealed record PassedConnection(long Number, int Endpoint, int Socket, ulong Client, long AcceptedAt)
{
    /// <summary>The time in milliseconds at which it was passed to the present worker.</summary>
    public long PassedAt { get; set; }
}
