using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Cotyledon.Hosting.Web.Passing;

/// <summary>The transport for HTTP/3, which cannot be passed to workers: two processes with one UDP port would get each other's packets.</summary>
internal sealed class NoHttp3 : IMultiplexedConnectionListenerFactory
{
    public ValueTask<IMultiplexedConnectionListener> BindAsync(
        EndPoint endpoint, IFeatureCollection? features = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException(
            $"AddCotyledonWeb does not support HTTP/3. Remove Http3 from the protocols of the endpoint {endpoint} (Kestrel:Endpoints:NAME:Protocols, "
            + "or ListenOptions.Protocols).");
}
