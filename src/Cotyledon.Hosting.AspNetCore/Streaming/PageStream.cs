using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace Cotyledon.Hosting.AspNetCore.Streaming;

/// <summary>The messages for one open page. A reader that does not read is cut off.</summary>
internal sealed class PageStream : IDisposable
{
    private const int MaxWaiting = 256;

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Channel<SseItem<string>> _messages =
        System.Threading.Channels.Channel.CreateBounded<SseItem<string>>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly HttpContext _context;
    private readonly TimeProvider _clock;
    private readonly ITimer _renewal;
    private ITimer? _end;
    private bool _isDisposed;

    public PageStream(HttpContext context, TimeProvider clock, TimeSpan lifetime)
    {
        _context = context;
        _clock = clock;
        _renewal = clock.CreateTimer(_ => Close("renew"), null, lifetime, Timeout.InfiniteTimeSpan);
    }

    public IAsyncEnumerable<SseItem<string>> ReadAsync(CancellationToken cancellationToken) => _messages.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Adds a message. After <see cref="Close"/> none is added, and those that wait are still sent.</summary>
    public void Write(SseItem<string> message)
    {
        if (_messages.Writer.TryWrite(message))
        {
            return;
        }

        lock (_gate)
        {
            if (_end is null)
            {
                Abort();
            }
        }
    }

    /// <summary>Ends the stream after the messages that wait. A connection that does not take them in time is aborted.</summary>
    public void Close(string reason)
    {
        lock (_gate)
        {
            if (_isDisposed || _end is not null)
            {
                return;
            }

            var json = JsonSerializer.Serialize(new CloseMessage(reason), PageJson.Default.CloseMessage);
            _messages.Writer.TryWrite(new SseItem<string>(json, "close"));
            _messages.Writer.TryComplete();
            _end = _clock.CreateTimer(_ => Abort(), null, CloseTimeout, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        _messages.Writer.TryComplete();
        _renewal.Dispose();
        _end?.Dispose();
    }

    /// <summary>Kestrel uses the object of a request again for another one, so a request that has ended must not be aborted.</summary>
    private void Abort()
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _messages.Writer.TryComplete();
                _context.Abort();
            }
        }
    }
}
