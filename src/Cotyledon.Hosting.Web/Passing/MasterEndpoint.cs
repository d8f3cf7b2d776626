namespace Cotyledon.Hosting.Web.Passing;

/// <summary>An endpoint of the master. Used by the thread of the <see cref="Dispatcher"/>, after it was added.</summary>
/// <param name="id">Its id.</param>
/// <param name="key">The key by which workers find it.</param>
/// <param name="address">The address that was bound. If it could not be bound, one of the constants of <see cref="EndpointText"/>.</param>
/// <param name="socket">The listening socket; -1 if the master serves the endpoint itself, or it could not be bound.</param>
internal sealed class MasterEndpoint(int id, string key, string address, int socket)
{
    public int Id => id;

    public string Key => key;

    public string Address => address;

    public int Socket { get; set; } = socket;

    /// <summary>Whether an error of the system has been logged, and no connection was accepted since.</summary>
    public bool IsPaused { get; set; }

    /// <summary>The time in milliseconds since which no worker could take a connection; <see langword="null"/> while one can.</summary>
    public long? BlockedSince { get; set; }

    /// <summary>Whether connections are closed, because no worker could take one for too long.</summary>
    public bool IsRefusing { get; set; }

    /// <summary>Whether a connection was closed since.</summary>
    public bool HasRefused { get; set; }
}
