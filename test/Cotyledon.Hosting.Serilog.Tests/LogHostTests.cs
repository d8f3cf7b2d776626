using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net.Sockets;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Serilog.Tests.Sending;
using Cotyledon.Hosting.Serilog.Wire;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Serilog.Tests;

[Platform("Unix"), NonParallelizable]
public class LogHostTests
{
    private readonly Collector _written = new();
    private readonly List<string> _measured = [];

    [Test]
    public void Lost_events_log_a_warning_with_the_worker_and_count_in_a_metric()
    {
        using var listener = Listen();
        using var host = Build();
        using var worker = Connect(host);
        worker.Write(new FrameWriter().Begin(FrameKind.Lost).VarNumber(3).End());
        worker.Write(new FrameWriter().Begin(FrameKind.Identity).VarText("Poller").VarSigned(3).VarSigned(1).VarSigned(812).End());
        worker.Write(new FrameWriter().Begin(FrameKind.Lost).VarNumber(40).End());

        Some.Eventually(() => _written.Events.Count == 2);
        Assert.That(_written.Events[0].RenderMessage(CultureInfo.InvariantCulture), Does.StartWith("A spare worker [0] lost 3 log events"));
        Assert.That(_written.Events[1].RenderMessage(CultureInfo.InvariantCulture), Does.StartWith("\"Poller\"(3) [812] lost 40 log events"));
        Assert.That(_measured, Is.EqualTo(new[] { "3 ", "40 cotyledon.service=Poller" }));
    }

    [Test]
    public void Unreadable_frames_log_an_error_with_the_worker_and_count_as_dropped()
    {
        using var listener = Listen();
        using var host = Build();
        using var worker = Connect(host);
        worker.Write(new FrameWriter().Begin(FrameKind.Identity).VarText("Poller").VarSigned(3).VarSigned(1).VarSigned(812).End());
        worker.Write(new FrameWriter().Begin((FrameKind)77).End());

        Some.Eventually(() => _written.Events.Count == 1);
        Assert.That(_written.Events[0].RenderMessage(CultureInfo.InvariantCulture),
            Does.StartWith("\"Poller(3) [812]\" sent 1 log frames that cannot be read").And.Contain("kind 77"));
        Assert.That(_measured, Is.EqualTo(new[] { "1 cotyledon.service=Poller" }));
    }

    [Test]
    public void Invalid_framing_logs_an_error_with_the_worker()
    {
        using var host = Build();
        using var worker = Connect(host);
        worker.Write(new FrameWriter().Begin(FrameKind.Identity).VarText("Poller").VarSigned(3).VarSigned(1).VarSigned(812).End());
        worker.Write([255, 255, 255, 255, 0]);

        Some.Eventually(() => _written.Events.Count == 1);
        Assert.That(_written.Events[0].RenderMessage(CultureInfo.InvariantCulture),
            Does.StartWith("\"Poller(3) [812]\" sent invalid data. Its log connection was closed"));
    }

    [Test]
    public async Task A_stop_waits_no_longer_than_FlushTimeout_for_the_events_of_workers()
    {
        using var host = Build(options => options.FlushTimeout = TimeSpan.FromMilliseconds(50));
        await using var worker = Connect(host);
        await host.Services.GetServices<IHostedService>().OfType<LogHost>().Single().StoppedAsync(CancellationToken.None);

        Assert.That(_written.Events[0].RenderMessage(CultureInfo.InvariantCulture), Does.StartWith("The last log events of 1 workers were not written"));
    }

    private MeterListener Listen()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument is { Meter.Name: "Cotyledon.Hosting", Name: "cotyledon.log.events.dropped", Unit: "{event}" })
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
            _measured.Add($"{count} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}"));
        listener.Start();
        return listener;
    }

    private IHost Build(Action<CotyledonSerilogOptions>? configure = null)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddCotyledonSerilog(
            logger => logger.WriteTo.Sink(_written),
            options =>
            {
                options.PreserveStaticLogger = true;
                options.FlushTimeout = TimeSpan.Zero;
                configure?.Invoke(options);
            });
        return builder.Build();
    }

    private static NetworkStream Connect(IHost host)
    {
        var (ours, theirs) = Libc.SocketPair();
        host.Services.GetServices<ISideChannel>().Single()
            .OnWorkerStarted(new NetworkStream(OutboxTests.ToSocket(ours), ownsSocket: true));
        return new NetworkStream(OutboxTests.ToSocket(theirs), ownsSocket: true);
    }
}
