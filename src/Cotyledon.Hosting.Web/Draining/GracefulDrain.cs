using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Web.Draining;

/// <summary>
/// Knows the connections that have carried a request. During the drain it lets their clients leave: HTTP/1.1 by <c>Connection: close</c>,
/// HTTP/2 by GOAWAY.
/// </summary>
/// <remarks>
/// An idle connection cannot be closed without the risk that its client sends a request at that moment, so it stays open until its next
/// request, or until the end of the drain.
/// </remarks>
internal sealed class GracefulDrain
{
    /// <summary>How long no request may have arrived before the drain ends early: a new connection may be about to send its first one.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(20);

    private readonly TimeProvider _clock;
    private readonly Func<object, Task> _announceClose;
    private readonly ConcurrentDictionary<DrainedConnection, byte> _connections = new();
    private volatile bool _isDraining;
    private bool _hasConnections;
    private int _requests;
    private long _received;
    private long _lastRequest;

    public GracefulDrain(TimeProvider clock)
    {
        _clock = clock;
        _announceClose = AnnounceClose; // One delegate for all requests.
    }

    /// <summary>The number of requests that have not been answered yet.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>The number of requests that have arrived.</summary>
    public long Received => Volatile.Read(ref _received);

    public static void AddTo(IServiceCollection services)
    {
        if (services.Any(d => d.ServiceType == typeof(GracefulDrain)))
        {
            return;
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<GracefulDrain>();
        services.AddOptions<GracefulDrainOptions>().ValidateOnStart();
        services.AddSingleton<IValidateOptions<GracefulDrainOptions>, GracefulDrainOptionsValidator>();

        // The first filter is the outermost one, so that no other middleware answers a request before it.
        services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, GracefulDrainFilter>());
    }

    /// <summary>Processes one request, as the outermost middleware.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        Interlocked.Increment(ref _requests);
        Interlocked.Increment(ref _received);
        var connection = ConnectionOf(context);
        connection?.BeginRequest();
        try
        {
            if (_isDraining)
            {
                Volatile.Write(ref _lastRequest, _clock.GetTimestamp());
                connection?.CloseIfActive();
            }

            // The drain may begin before the response does.
            if (connection is { IsMultiplexed: false })
            {
                context.Response.OnStarting(_announceClose, context.Response);
            }

            await next(context).ConfigureAwait(false);
        }
        finally
        {
            if (connection is not null)
            {
                await connection.EndRequestAsync().ConfigureAwait(false);
            }

            Interlocked.Decrement(ref _requests);
        }
    }

    /// <summary>Lets the clients leave. Does not fail.</summary>
    /// <param name="timeout">The longest time for which idle connections stay open.</param>
    /// <param name="cancellationToken">Ends the drain early.</param>
    /// <param name="isIdle">
    /// Returns whether no connection is open. By default only the connections that have carried a request are known, so the drain ends after a
    /// second without a request.
    /// </param>
    public async Task DrainAsync(TimeSpan timeout, CancellationToken cancellationToken, Func<bool>? isIdle = null)
    {
        var start = _clock.GetTimestamp();
        Volatile.Write(ref _lastRequest, start);
        _isDraining = true;
        foreach (var (connection, _) in _connections)
        {
            connection.CloseIfActive();
        }

        using var timer = new PeriodicTimer(CheckInterval, _clock);
        isIdle ??= IsQuiet;
        while (!isIdle() && _clock.GetElapsedTime(start) < timeout)
        {
            try
            {
                await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private bool IsQuiet() =>
        Requests == 0 && _connections.IsEmpty
        && (!Volatile.Read(ref _hasConnections) || _clock.GetElapsedTime(Volatile.Read(ref _lastRequest)) >= Quiet);

    /// <summary>Returns the connection of a request; <see langword="null"/> without a network, as in a test server, and for HTTP/3.</summary>
    private DrainedConnection? ConnectionOf(HttpContext context)
    {
        var items = context.Features.Get<IConnectionItemsFeature>()?.Items;
        if (items is null || HttpProtocol.IsHttp3(context.Request.Protocol))
        {
            return null;
        }

        // Requests of one HTTP/2 connection run at the same time.
        lock (items)
        {
            if (items.TryGetValue(this, out var known))
            {
                return (DrainedConnection)known!;
            }

            var connection = new DrainedConnection(
                HttpProtocol.IsHttp2(context.Request.Protocol), context.Features.Get<IConnectionLifetimeNotificationFeature>(), _clock);
            items[this] = connection;
            _connections[connection] = 0;
            Volatile.Write(ref _hasConnections, true);
            context.Features.Get<IConnectionLifetimeFeature>()?.ConnectionClosed.UnsafeRegister(
                static (state, _) =>
                {
                    var (drain, closed) = ((GracefulDrain, DrainedConnection))state!;
                    drain._connections.TryRemove(KeyValuePair.Create(closed, (byte)0));
                },
                (this, connection));
            return connection;
        }
    }

    private Task AnnounceClose(object state)
    {
        if (_isDraining && (HttpResponse)state is { StatusCode: not StatusCodes.Status101SwitchingProtocols } response)
        {
            response.Headers.Connection = "close";
        }

        return Task.CompletedTask;
    }
}
