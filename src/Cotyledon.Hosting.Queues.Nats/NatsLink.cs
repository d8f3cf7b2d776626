using System.Threading.Channels;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using NATS.Client.JetStream;
using Channels = System.Threading.Channels.Channel;

namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>
/// The connection of a queue. It is ready while it is connected and the streams exist. Code that gets an error calls <see cref="Suspect"/>,
/// waits for <see cref="ReadyAsync"/>, and tries again; this class reconnects with a back-off.
/// </summary>
internal sealed class NatsLink : IAsyncDisposable
{
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>After this time without an error, the back-off is reset.</summary>
    private static readonly TimeSpan StablePeriod = TimeSpan.FromSeconds(10);

    private readonly string _queue;
    private readonly string _servers;
    private readonly NatsStreams _streams;
    private readonly NatsProblem _problem;
    private readonly ILogger _logger;
    private readonly Channel<bool> _suspicions = Channels.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private volatile Period _period = new();
    private string? _serverError;
    private Task _loop = Task.CompletedTask;

    public NatsLink(string queue, CotyledonQueueOptions options, TimeSpan ackWait, TimeProvider clock, ILogger logger)
    {
        OpenSsl.Require("The client library of NATS");
        _queue = queue;
        _servers = NatsServers.Shown(options.Url!);
        Names = new NatsNames(queue);
        _streams = new NatsStreams(Names, options.Capacity, ackWait);
        Health = new NatsHealth(queue, logger);
        _problem = new NatsProblem(queue, _servers);
        Clock = clock;
        _logger = logger;
        Connection = new NatsConnection(NatsOpts.Default with
        {
            Url = options.Url!,
            Name = $"Cotyledon queue {queue}",
            MaxReconnectRetry = -1,
            ReconnectWaitMin = TimeSpan.FromMilliseconds(100),
            ReconnectWaitMax = TimeSpan.FromSeconds(2),
            RequestTimeout = AnswerTimeout,

            // If a server vanishes without closing the connection, another one must be found before the server delivers the held items again.
            PingInterval = AnswerTimeout,
            MaxPingOut = 1,
            DrainPingTimeout = TimeSpan.FromSeconds(1),
            IgnoreAuthErrorAbort = true, // The password may be corrected on the server.
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

    public NatsNames Names { get; }

    public NatsHealth Health { get; }

    public TimeProvider Clock { get; }

    public string Describe(Exception exception) => _problem.Describe(exception);

    public bool IsReady => _period.Opened.Task.IsCompleted;

    public void Start() => _loop = Task.Run(() => RunAsync(_stop.Token));

    /// <summary>Waits until the connection is ready.</summary>
    /// <returns>A token that is cancelled when the connection is found to be not ready any more.</returns>
    public Task<CancellationToken> ReadyAsync(CancellationToken cancellationToken) => _period.Opened.Task.WaitAsync(cancellationToken);

    /// <summary>Reports an error: the connection is not ready until it was checked.</summary>
    public void Suspect()
    {
        Close();
        _suspicions.Writer.TryWrite(true);
    }

    public void OnDeadItemRefused(long id, TimeSpan delay, string error) => Log.DeadItemRefused(_logger, _queue, id, delay, error);

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
                    var count = await EnsureStreamsAsync(cancellationToken).ConfigureAwait(false);
                    if (isFirst)
                    {
                        isFirst = false;
                        Log.Connected(_logger, _queue, _servers, Names.Stream, count);
                    }

                    Open();
                    var begin = Clock.GetTimestamp();
                    await _suspicions.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                    Close();
                    wait = Clock.GetElapsedTime(begin) >= StablePeriod ? TimeSpan.Zero : wait;
                }
                catch (Exception e) when (!cancellationToken.IsCancellationRequested)
                {
                    Health.SetServerProblem(_problem.Describe(e, Volatile.Read(ref _serverError)));
                }

                wait = Retry.Next(wait, LongestWait);
                await Retry.WaitAsync(wait, Clock, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    private async Task<long> EnsureStreamsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _streams.EnsureAsync(Js, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NatsJSApiNoResponseException or NatsTimeoutException && Volatile.Read(ref _serverError) is null)
        {
            // Another server may answer. Pings do not detect every failure: the client library stops pinging when it cannot send a ping in time, and a
            // server that has lost the rest of its cluster still answers pings.
            await Connection.ReconnectAsync().ConfigureAwait(false);
            throw;
        }
    }

    private void OnDisconnected()
    {
        if (!_stop.IsCancellationRequested)
        {
            // A known problem may be the reason why this class has reconnected.
            Health.SetServerProblem(Health.Text ?? $"{_servers}: the connection was lost.");
            Suspect();
        }
    }

    /// <summary>
    /// Called also while the client library reconnects by itself; a refused login causes no exception in this class then.
    /// </summary>
    private void OnServerError(string error)
    {
        Volatile.Write(ref _serverError, error);
        if (_problem.DescribeLogin(error) is { } text && !_stop.IsCancellationRequested)
        {
            Health.SetServerProblem(text);
        }
    }

    private void Open()
    {
        Volatile.Write(ref _serverError, null);
        Health.SetServerProblem(null);
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

        // Asynchronously: the callbacks of the token must not run inside the caller.
        _ = ended.Lost.CancelAsync();
    }

    /// <summary>The wait until the connection is ready, and the time until it is lost again.</summary>
    private sealed class Period
    {
        public TaskCompletionSource<CancellationToken> Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationTokenSource Lost { get; } = new();
    }
}
