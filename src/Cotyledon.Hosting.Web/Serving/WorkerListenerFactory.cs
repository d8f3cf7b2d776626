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

        var found = await master.FindAsync(key, cancellationToken).ConfigureAwait(false);
        lock (_keys)
        {
            _keys.Add(key);
        }

        if (found is { } known && EndpointText.TryParse(known.Address, out var address))
        {
            return await master.ListenAsync(known.Id, address, Release).ConfigureAwait(false);
        }

        if (found?.Address == EndpointText.NoAddressFamily && endpoint is IPEndPoint { Address: var any } && any.Equals(IPAddress.IPv6Any))
        {
            // The system of the master has no IPv6, so its server has bound the address for IPv4 instead. This exception makes the server of the
            // worker do the same.
            Release();
            throw new SocketException((int)SocketError.AddressFamilyNotSupported);
        }

        // The master serves without an endpoint that it could not bind, such as "localhost" without IPv6, or a changed address that is in use. So
        // do its workers.
        return new WorkerListener(master, endpoint, Release);

        // The server may bind the endpoint again, with the same key.
        void Release()
        {
            lock (_keys)
            {
                _keys.Remove(key);
            }
        }
    }
}
