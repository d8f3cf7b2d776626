using System.Net;

namespace Cotyledon.Hosting.Web.Passing;

/// <summary>
/// The endpoints that the server of the master has released. Their sockets are kept for a short time, because the server may bind the same
/// addresses again.
/// </summary>
internal sealed partial class MasterListenerFactory
{
    /// <summary>
    /// How long the socket of an endpoint is kept when the server has released it, because a changed certificate makes the server release the
    /// address and bind it again, after it has waited up to five seconds for the connections of all changed endpoints.
    /// </summary>
    private static readonly TimeSpan ReuseTime = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, Released> _released = [];

    /// <summary>Releases an endpoint. Connections that already wait are passed to workers first.</summary>
    public async Task ReleaseAsync(MasterEndpoint endpoint, EndPoint requested, EndPoint address)
    {
        if (lifetime.ApplicationStarted.IsCancellationRequested && !lifetime.ApplicationStopping.IsCancellationRequested)
        {
            var released = new Released(endpoint, requested, address);
            lock (_gate)
            {
                _keys.Remove(endpoint.Key);
                _released[endpoint.Key] = released;
            }

            // Not awaited, because the server binds the address again only after this method.
            _ = CloseLaterAsync(released);
            return;
        }

        await CloseAsync(endpoint, requested).ConfigureAwait(false);
    }

    private MasterListener? Reuse(EndPoint requested)
    {
        lock (_gate)
        {
            var key = EndpointText.KeyOf(requested, _keys);
            if (!_released.Remove(key, out var released))
            {
                return null;
            }

            _keys.Add(key);
            return new MasterListener(this, released.Endpoint, requested, released.Address);
        }
    }

    /// <summary>Closes the released endpoints that may keep an address from being bound: another host has the same port, for example.</summary>
    private async Task CloseReleasedAsync(EndPoint requested)
    {
        List<Released> closed;
        lock (_gate)
        {
            closed = [.. _released.Values.Where(r => MayBlock(r, requested))];
            closed.ForEach(r => _released.Remove(r.Endpoint.Key));
        }

        foreach (var released in closed)
        {
            await CloseAsync(released.Endpoint, released.Requested).ConfigureAwait(false);
        }
    }

    private static bool MayBlock(Released released, EndPoint requested) =>
        released.Address is IPEndPoint bound && requested is IPEndPoint wanted
            ? bound.Port == wanted.Port
            : released.Requested.Equals(requested);

    private async Task CloseLaterAsync(Released released)
    {
        using var delay = new CancellationTokenSource(ReuseTime, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(delay.Token, lifetime.ApplicationStopping);
        var elapsed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = either.Token.Register(elapsed.SetResult).ConfigureAwait(false);
        await elapsed.Task.ConfigureAwait(false);
        bool isReleased;
        lock (_gate)
        {
            var key = released.Endpoint.Key;
            isReleased = _released.TryGetValue(key, out var present) && ReferenceEquals(present, released) && _released.Remove(key);
        }

        if (isReleased)
        {
            await CloseAsync(released.Endpoint, released.Requested).ConfigureAwait(false);
        }
    }

    private async Task CloseAsync(MasterEndpoint endpoint, EndPoint requested)
    {
        await Dispatcher.RemoveAsync(endpoint).ConfigureAwait(false);
        lock (_gate)
        {
            _keys.Remove(endpoint.Key);
            if (FileOf(requested) is { } file && _files.Remove(file))
            {
                Delete(file);
            }
        }
    }

    /// <summary>An endpoint that the server has released, and may bind again.</summary>
    private sealed record Released(MasterEndpoint Endpoint, EndPoint Requested, EndPoint Address);
}
