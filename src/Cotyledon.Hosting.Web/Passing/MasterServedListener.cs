using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Cotyledon.Hosting.Web.Passing;

/// <summary>A listener of an endpoint that the master serves itself.</summary>
/// <param name="inner">The listener of the sockets transport.</param>
/// <param name="release">Called when the server has released the endpoint.</param>
internal sealed class MasterServedListener(IConnectionListener inner, Func<Task> release) : IConnectionListener
{
    private int _isReleased;

    public EndPoint EndPoint => inner.EndPoint;

    public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => inner.AcceptAsync(cancellationToken);

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await inner.UnbindAsync(cancellationToken).ConfigureAwait(false);
        if (Interlocked.Exchange(ref _isReleased, 1) == 0)
        {
            await release().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync().ConfigureAwait(false);
        await inner.DisposeAsync().ConfigureAwait(false);
    }
}
