using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Channels = System.Threading.Channels.Channel;

namespace Cotyledon.Hosting.Web.Serving;

/// <summary>Gives the connections of one endpoint to the server of the worker.</summary>
/// <param name="master">Takes the connections.</param>
/// <param name="address">The address of the master.</param>
/// <param name="release">Called when the server has released the endpoint.</param>
internal sealed class WorkerListener(MasterLink master, EndPoint address, Action release) : IConnectionListener
{
    private readonly Channel<(long Number, int Socket)> _connections =
        Channels.CreateUnbounded<(long Number, int Socket)>(new UnboundedChannelOptions { SingleWriter = true }); // Bounded by the master.

    public EndPoint EndPoint => address;

    /// <summary>Adds a connection of the master. Returns whether the listener takes it.</summary>
    public bool TryAdd(long number, int socket) => _connections.Writer.TryWrite((number, socket));

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _connections.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (_connections.Reader.TryRead(out var connection))
            {
                if (await master.TakeAsync(connection.Number, connection.Socket).ConfigureAwait(false) is { } context)
                {
                    return context;
                }
            }
        }

        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        if (_connections.Writer.TryComplete())
        {
            release();
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => UnbindAsync();
}
