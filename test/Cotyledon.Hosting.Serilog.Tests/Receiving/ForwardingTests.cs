using System.Net.Sockets;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Serilog.Levels;
using Cotyledon.Hosting.Serilog.Receiving;
using Cotyledon.Hosting.Serilog.Sending;
using Cotyledon.Hosting.Serilog.Tests.Sending;
using Cotyledon.Hosting.Serilog.Wire;
using Cotyledon.Hosting.Shared;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Cotyledon.Hosting.Serilog.Tests.Receiving;

/// <summary>The log of a worker and that of the master, in one process, with a socket pair between them.</summary>
[Platform("Unix")]
public sealed class ForwardingTests : IDisposable
{
    private readonly Collector _written = new();
    private readonly LoggingLevelSwitch _level = new(LogEventLevel.Information);
    private readonly LoggingLevelSwitch _quiet = new(LogEventLevel.Error);
    private readonly LogReceiver _receiver;

    public ForwardingTests()
    {
        var log = new LoggerConfiguration()
            .MinimumLevel.ControlledBy(_level)
            .MinimumLevel.Override("Quiet", _quiet)
            .MinimumLevel.Override("Loud", LogEventLevel.Verbose)
            .Enrich.WithProperty("Master", true)
            .Filter.ByExcluding(e => e.MessageTemplate.Text == "Filtered")
            .WriteTo.Sink(_written)
            .CreateLogger();
        _receiver = new LogReceiver(new LevelTable(log), new RecordedLosses(), TimeProvider.System);
    }

    public void Dispose() => _receiver.Dispose();

    [Test]
    public void Levels_filters_and_enrichers_are_those_of_the_master()
    {
        using var worker = Connect(out var logger);
        logger.ForContext("SourceContext", "Loud.One").Verbose("Loud");
        logger.ForContext("SourceContext", "Quiet.One").Warning("Not loud enough");
        logger.Debug("Not for the root");
        logger.Information("Filtered");
        logger.Information("Last {Number}", 7);

        Until("Last {Number}");
        Assert.That(_written.Events.Select(e => e.MessageTemplate.Text), Is.EqualTo(new[] { "Loud", "Last {Number}" }));
        Assert.That(_written.Events[0].Properties.Keys, Is.EquivalentTo(new[] { "SourceContext", "ProcessId", "Master" }));
    }

    [Test]
    public void The_levels_of_the_master_apply_in_the_worker_and_follow_changes()
    {
        using var worker = Connect(out var logger);
        var quiet = logger.ForContext("SourceContext", "Quiet.One");
        Some.Eventually(() => !quiet.IsEnabled(LogEventLevel.Warning) && !logger.IsEnabled(LogEventLevel.Debug));

        _quiet.MinimumLevel = LogEventLevel.Debug;
        Some.Eventually(() => quiet.IsEnabled(LogEventLevel.Debug));
        _level.MinimumLevel = LogEventLevel.Verbose;
        _receiver.CheckLevelsSoon();
        Some.Eventually(() => logger.IsEnabled(LogEventLevel.Verbose));
        Assert.That(quiet.IsEnabled(LogEventLevel.Verbose), Is.False);
    }

    [Test]
    public void A_new_worker_receives_all_known_levels_at_once()
    {
        using var first = Connect(out var logger);
        logger.ForContext("SourceContext", "Quiet.One").Error("Named");
        Until("Named");

        var (_, stream) = Pair();
        using (stream)
        {
            var received = new List<string>();
            var splitter = new FrameSplitter(Limits.MaxFrame, (_, fields) =>
            {
                while (!fields.IsAtEnd)
                {
                    received.Add($"{fields.VarText()}={fields.Byte()}");
                }
            });
            var buffer = new byte[1000];
            while (received.Count < 2)
            {
                splitter.Feed(buffer.AsSpan(0, stream.Read(buffer)));
            }

            Assert.That(received, Is.EqualTo(new[] { "=2", "Quiet.One=4" }));
        }
    }

    [Test]
    public async Task A_stream_is_read_to_its_end_before_the_receiver_is_idle()
    {
        var worker = Connect(out var logger);
        for (var i = 0; i < 5000; i++)
        {
            logger.Information("Line {Number}", i);
        }

        Assert.That(_receiver.Idle.IsCompleted, Is.False);
        (logger as IDisposable)!.Dispose(); // Flushes.
        await worker.DisposeAsync();
        await _receiver.Idle.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(_written.Events, Has.Count.EqualTo(5000));
        Assert.That(_written.Events.Select(e => e.Properties["Number"].ToString()), Is.EqualTo(Enumerable.Range(0, 5000).Select(i => $"{i}")));
    }

    [Test]
    public void Invalid_framing_closes_only_the_stream_of_its_worker()
    {
        using var good = Connect(out var logger);
        var (_, bad) = Pair();
        using (bad)
        {
            bad.Write([0, 0, 0, 0, (byte)FrameKind.Event, 1, 2, 3, 4, 5, 6, 7, 8]);
            var buffer = new byte[1000];
            Assert.That(() => Drain(bad, buffer), Throws.Nothing);
        }

        logger.Information("Still here");
        Until("Still here");
    }

    [Test]
    public void A_worker_that_does_not_read_does_not_delay_others()
    {
        var (_, stalled) = Pair();
        using (stalled)
        using (Connect(out var logger))
        {
            for (var i = 0; i < 4000; i++)
            {
                var name = $"{new string('x', 200)}{i}";
                stalled.Write(new FrameWriter().Begin(FrameKind.Category).VarText(name).End());
            }

            logger.Information("Still here");
            Until("Still here");
        }
    }

    private static void Drain(Stream stream, byte[] buffer)
    {
        try
        {
            while (stream.Read(buffer) > 0)
            {
            }
        }
        catch (IOException)
        {
            // The connection is reset, because the receiver has closed it with unread bytes.
        }
    }

    /// <summary>Creates a connection, and adds its master end to the receiver.</summary>
    private (Stream Master, NetworkStream Worker) Pair()
    {
        var (ours, theirs) = Libc.SocketPair();
        var master = new NetworkStream(OutboxTests.ToSocket(ours), ownsSocket: true);
        _receiver.Add(master);
        return (master, new NetworkStream(OutboxTests.ToSocket(theirs), ownsSocket: true));
    }

    private NetworkStream Connect(out ILogger logger)
    {
        var (_, stream) = Pair();
        var options = new CotyledonSerilogOptions { PreserveStaticLogger = true, FlushTimeout = TimeSpan.FromSeconds(30) };
        logger = new WorkerLog(stream, options).CreateLogger();
        return stream;
    }

    private void Until(string template) => Some.Eventually(() => _written.Events.Any(e => e.MessageTemplate.Text == template));
}
