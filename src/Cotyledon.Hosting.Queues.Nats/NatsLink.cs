using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using NATS.Client.JetStream;
using Channels = System.Threading.Channels.Channel;

namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>
/// The connection of a queue, and whether it can be used: connected, with its streams in place. Whoever meets an error says so with
/// <see cref="Suspect"/>, waits for <see cref="ReadyAsync"/>, and tries again; how long that is, is decided here alone.
/// </summary>
internal sealed class NatsLink : IAsyncDisposable
{
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>After so long without an error the next one is a new one.</summary>
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(10);

    private readonly string _queue;
    private readonly string _servers;
    private readonly NatsNames _names;
    private readonly NatsStreams _streams;
    private readonly NatsHealth _trouble;
    private readonly NatsProblem _problem;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Channel<bool> _suspicions = Channels.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private Period _period = new();
    private string? _serverError;
    private Task _loop = Task.CompletedTask;

    public NatsLink(string queue, CotyledonQueueOptions options, TimeSpan ackWait, TimeProvider clock, ILogger logger)
    {
        _queue = queue;
        _servers = NatsServers.Shown(options.Url!);
        _names = new NatsNames(queue);
        _streams = new NatsStreams(_names, options.Capacity, ackWait);
        _trouble = new NatsHealth(queue, logger);
        _problem = new NatsProblem(queue, _servers);
        _clock = clock;
        _logger = logger;
        Connection = new NatsConnection(NatsOpts.Default with
        {
            Url = options.Url!,
            Name = $"Cotyledon queue {queue}",
            MaxReconnectRetry = -1,
            ReconnectWaitMin = TimeSpan.FromMilliseconds(100),
            ReconnectWaitMax = TimeSpan.FromSeconds(2),
            RequestTimeout = AnswerTimeout,
            DrainPingTimeout = TimeSpan.FromSeconds(1),
            IgnoreAuthErrorAbort = true, // A password may be put right on the server.
            SubPendingChannelFullMode = BoundedChannelFullMode.Wait,
        });
        Js = new NatsJSContext(Connection);
        Connection.ConnectionDisconnected += (_, _) =>
        {
            OnDisconnected();
            return ValueTask.CompletedTask;
        };
        Connection.ServerError += (_, e) =>
        {
            OnServerError(e.Error);
            return ValueTask.CompletedTask;
        };
    }

    public NatsConnection Connection { get; }

    public NatsJSContext Js { get; }

    public NatsNames Names => _names;

    public NatsHealth HealthIssue => _trouble;

    public TimeProvider Clock => _clock;

    /// <summary>What an exception of this connection means.</summary>
    public string Describe(Exception exception) => _problem.Describe(exception);

    public bool IsReady
    {
        get
        {
            lock (_gate)
            {
                return _period.Opened.Task.IsCompleted;
            }
        }
    }

    public void Start() => _loop = Task.Run(() => RunAsync(_stop.Token));

    /// <summary>Waits until it can be used.</summary>
    /// <returns>Cancelled when it cannot any more, as far as is known.</returns>
    public Task<CancellationToken> ReadyAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _period.Opened.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Something went wrong: it is looked after what it is.</summary>
    public void Suspect()
    {
        Close();
        _suspicions.Writer.TryWrite(true);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        await Connection.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var wait = TimeSpan.Zero;
        var isFirst = true;
        try
        {
            while (true)
            {
                try
                {
                    await Connection.ConnectAsync().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
                    _suspicions.Reader.TryRead(out _);
                    var count = await _streams.EnsureAsync(Js, cancellationToken).ConfigureAwait(false);
                    if (isFirst)
                    {
                        isFirst = false;
                        Log.Connected(_logger, _queue, _servers, _names.Stream, count);
                    }

                    Open();
                    var begin = _clock.GetTimestamp();
                    await _suspicions.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                    Close();
                    wait = _clock.GetElapsedTime(begin) >= Calm ? TimeSpan.Zero : wait;
                }
                catch (Exception e) when (!cancellationToken.IsCancellationRequested)
                {
                    _trouble.OfServer(_problem.Describe(e, Volatile.Read(ref _serverError)));
                }

                wait = Retry.Next(wait, LongestWait);
                await Retry.WaitAsync(wait, _clock, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    private void OnDisconnected()
    {
        if (!_stop.IsCancellationRequested)
        {
            _trouble.OfServer($"{_servers}: the connection is lost.");
            Suspect();
        }
    }

    /// <summary>Also while the library connects anew by itself, without an exception here.</summary>
    private void OnServerError(string error)
    {
        Volatile.Write(ref _serverError, error);
        if (_problem.DescribeLogin(error) is { } text && !_stop.IsCancellationRequested)
        {
            _trouble.OfServer(text);
        }
    }

    private void Open()
    {
        Volatile.Write(ref _serverError, null);
        _trouble.OfServer(null);
        lock (_gate)
        {
            _period.Opened.TrySetResult(_period.Lost.Token);
        }
    }

    private void Close()
    {
        Period ended;
        lock (_gate)
        {
            if (!_period.Opened.Task.IsCompleted)
            {
                return;
            }

            ended = _period;
            _period = new Period();
        }

        // Not from here: whoever waits for it would go on in the middle of what the caller does.
        _ = ended.Lost.CancelAsync();
    }

    /// <summary>A time in which it can be used, or the wait for it.</summary>
    private sealed class Period
    {
        public TaskCompletionSource<CancellationToken> Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationTokenSource Lost { get; } = new();
    }
}
