using System.Collections.Concurrent;
using System.Net.Sockets;
using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Queues.Storage;
using Cotyledon.Hosting.Queues.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Moq;

namespace Cotyledon.Hosting.Queues.Tests.Transport;

/// <summary>A master with the queue <c>work</c> in memory, and connections of workers with it, in one process.</summary>
internal sealed class MasterFixture : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ConcurrentBag<(Task Run, Stream Worker)> _connections = [];

    public MasterFixture(CotyledonQueueOptions options)
    {
        var monitor = new Mock<IOptionsMonitor<CotyledonQueueOptions>>();
        monitor.Setup(o => o.Get("work")).Returns(options);
        Queues = new QueueRegistry(
            [new QueueRegistration("work", typeof(string))],
            monitor.Object,
            [new MemoryStoreFactory(TimeProvider.System, NullLoggerFactory.Instance)],
            TimeProvider.System,
            NullLoggerFactory.Instance);
    }

    public QueueRegistry Queues { get; }

    public QueueBroker Broker => Queues.Broker("work");

    /// <summary>Records the exceptions that ended connections.</summary>
    public ExceptionLogger Log { get; } = new();

    /// <summary>Opens a connection, and returns the master's end and the stream of the worker.</summary>
    public async Task<(MasterConnection Master, NetworkStream Worker)> ConnectAsync()
    {
        var (master, worker) = await SocketPairAsync();
        var connection = new MasterConnection(master, Queues, Log);
        _connections.Add((connection.RunAsync(), worker));
        return (connection, worker);
    }

    /// <summary>Opens a connection with a complete worker end.</summary>
    public async Task<(MasterConnection Master, IQueuePort Port)> OpenAsync()
    {
        var (master, worker) = await ConnectAsync();
        return (master, new WorkerConnection(worker).Open("work"));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (run, worker) in _connections)
        {
            await worker.DisposeAsync();
            await run.WaitAsync(Limit);
        }

        await Queues.DisposeAsync();
    }

    /// <summary>Two connected sockets of the family that master and workers use.</summary>
    public static async Task<(NetworkStream, NetworkStream)> SocketPairAsync()
    {
        var file = Path.Combine(Path.GetTempPath(), $"cotyledon-{Guid.NewGuid():N}");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(file));
        listener.Listen();
        var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(listener.LocalEndPoint!);
        var accepted = await listener.AcceptAsync();
        File.Delete(file);
        return (new NetworkStream(accepted, ownsSocket: true), new NetworkStream(client, ownsSocket: true));
    }

    /// <summary>Waits for a condition, and fails after <see cref="Limit"/>.</summary>
    public static void Until(Func<bool> condition, string description) =>
        Assert.That(SpinWait.SpinUntil(condition, Limit), Is.True, $"Not within {Limit}: {description}.");

    /// <summary>Records the exceptions of all log entries.</summary>
    internal sealed class ExceptionLogger : ILogger
    {
        public ConcurrentQueue<Exception> Exceptions { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (exception is not null)
            {
                Exceptions.Enqueue(exception);
            }
        }
    }
}
