namespace Cotyledon.Hosting.Web;

/// <summary>Specifies which worker gets a new connection.</summary>
public enum WebAffinity
{
    /// <summary>The worker with the fewest open connections.</summary>
    None = 0,

    /// <summary>
    /// The worker that the IP address of the client selects, so that all connections of a client reach the same worker while that worker is
    /// ready. Behind a proxy, all clients have the address of the proxy.
    /// </summary>
    ClientAddress = 1,
}
