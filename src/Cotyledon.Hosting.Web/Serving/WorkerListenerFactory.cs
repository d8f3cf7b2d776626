using System.Net;
using System.Net.Sockets;
using Cotyledon.Hosting.Web.Passing;
using Microsoft.AspNetCore.Connections;

namespace Cotyledon.Hosting.Web.Serving;

/// <summary>The transport of a worker's server: binds nothing, but answers with the address of the master, and takes the master's connections.</summary>
internal sealed class WorkerListenerFactory(MasterLink master) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly HashSet<string> _keys = [];

    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint or UnixDomainSocketEndPoint or FileHandleEndPoint;

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        string key;
        lock (_keys)
        {
            key = EndpointText.KeyOf(endpoint, _keys);
        }

        var (id, text) = await master.FindAsync(key, cancellationToken).ConfigureAwait(false);
        if (!EndpointText.TryParse(text, out var address))
        {
            // The master could not bind it, and has continued without it; so does this server.
            throw new SocketException((int)SocketError.AddressNotAvailable);
        }

        lock (_keys)
        {
            _keys.Add(key);
        }

        return await master.ListenAsync(id, address).ConfigureAwait(false);
    }
}
