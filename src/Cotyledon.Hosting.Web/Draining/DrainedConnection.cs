using Microsoft.AspNetCore.Connections.Features;

namespace Cotyledon.Hosting.Web.Draining;

/// <summary>A connection that has carried a request.</summary>
/// <param name="isMultiplexed">Whether it is an HTTP/2 connection.</param>
/// <param name="notification">Asks Kestrel to close the connection.</param>
/// <param name="clock">Measures the time that an HTTP/2 connection stays open after GOAWAY.</param>
internal sealed class DrainedConnection(bool isMultiplexed, IConnectionLifetimeNotificationFeature? notification, TimeProvider clock)
{
    /// <summary>
    /// How long a closing HTTP/2 connection keeps a request open. Kestrel sends GOAWAY and closes the connection when its last request has
    /// ended, without the round trip that RFC 9113, section 6.8, wants in between. A request that the client has sent meanwhile would be lost.
    /// </summary>
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private int _requests;
    private TaskCompletionSource? _closing;
    private ITimer? _timer;

    public bool IsMultiplexed => isMultiplexed;

    public void BeginRequest()
    {
        lock (_gate)
        {
            _requests++;
        }
    }

    /// <summary>Ends a request. On a closing HTTP/2 connection, the task completes only after the round trip.</summary>
    public Task EndRequestAsync()
    {
        lock (_gate)
        {
            _requests--;
            return _closing?.Task ?? Task.CompletedTask;
        }
    }

    /// <summary>
    /// Closes an HTTP/2 connection with requests. HTTP/1.1 connections close after their next response, and an idle HTTP/2 connection stays
    /// open, because Kestrel would close it at once, while the client may send a request.
    /// </summary>
    public void CloseIfActive()
    {
        lock (_gate)
        {
            if (!isMultiplexed || _requests == 0 || _closing is not null)
            {
                return;
            }

            var closing = _closing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _timer = clock.CreateTimer(
                _ =>
                {
                    closing.TrySetResult();
                    _timer?.Dispose();
                },
                null,
                RoundTrip,
                Timeout.InfiniteTimeSpan);
            notification?.RequestClose();
        }
    }
}
