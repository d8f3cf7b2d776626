using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Cotyledon.Hosting.Web.Passing;

/// <summary>A listener that gives no connection to the server of the master, because the <see cref="Dispatcher"/> passes them to workers.</summary>
internal sealed class MasterListener(MasterListenerFactory factory, MasterEndpoint endpoint, EndPoint requested, EndPoint address)
    : IConnectionListener
{
    private readonly TaskCompletionSource<ConnectionContext?> _unbound = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isReleased;

    public EndPoint EndPoint => address;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await _unbound.Task.WaitAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isReleased, 1) == 0)
        {
            // A start that has failed cancels the token. The endpoint is then closed a little later.
            await factory.ReleaseAsync(endpoint, requested, address).WaitAsync(cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _unbound.TrySetResult(null);
        }
    }

    public ValueTask DisposeAsync() => UnbindAsync();
}
