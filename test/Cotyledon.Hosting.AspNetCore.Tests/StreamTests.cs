using System.Diagnostics;
using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Cotyledon.Hosting.AspNetCore.Streaming;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;

namespace Cotyledon.Hosting.AspNetCore.Tests;

/// <summary>What the stream sends, and when it ends.</summary>
internal sealed class StreamTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Test]
    public async Task Stream_begins_with_the_whole_state()
    {
        await using var server = await PageServer.StartAsync("Development");
        server.Manager.Exits = [FakeManager.Exit("No space left on device", "line")];
        server.Manager.Publish(WorkerEventKind.Ready);
        await using var page = await PageReader.OpenAsync(server);

        var snapshot = await page.ReadAsync("snapshot");

        Assert.Multiple(() =>
        {
            Assert.That(snapshot.GetProperty("app").GetString(), Is.EqualTo("Telemetry"));
            Assert.That(snapshot.GetProperty("pid").GetInt32(), Is.EqualTo(4711));
            Assert.That(snapshot.GetProperty("services").GetArrayLength(), Is.EqualTo(2));
            Assert.That(snapshot.GetProperty("exits")[0].GetProperty("stderr")[0].GetString(), Is.EqualTo("line"));
            Assert.That(snapshot.GetProperty("events")[0].GetProperty("kind").GetString(), Is.EqualTo("Ready"));
        });
    }

    [Test]
    public async Task Only_the_service_that_changed_is_sent()
    {
        await using var server = await PageServer.StartAsync("Development");
        await using var page = await PageReader.OpenAsync(server);
        await page.ReadAsync("snapshot");

        server.Manager.Services = [server.Manager.Services[0], FakeManager.Service("processing", 5)];
        var status = await page.ReadAsync("status", message => message.TryGetProperty("services", out _));

        Assert.That(status.GetProperty("services").EnumerateArray().Select(s => s.GetProperty("name").GetString()), Is.EqualTo(["processing"]));
        Assert.That(status.TryGetProperty("overview", out _), Is.False);
    }

    [Test]
    public async Task Operations_are_sent_together_and_one_that_has_disappeared_is_left_out()
    {
        await using var server = await PageServer.StartAsync("Development");
        server.Manager.Operations = [Operation(1)];
        await using var page = await PageReader.OpenAsync(server);
        Assert.That(IdsOf(await page.ReadAsync("snapshot")), Is.EqualTo(new[] { 1L }));

        server.Manager.Operations = [Operation(2), Operation(1)];
        Assert.That(IdsOf(await page.ReadAsync("status", HasOperations)), Is.EqualTo(new[] { 2L, 1L }));
        server.Manager.Operations = [];
        Assert.That(IdsOf(await page.ReadAsync("status", HasOperations)), Is.Empty);

        static bool HasOperations(JsonElement message) => message.TryGetProperty("operations", out _);

        static List<long> IdsOf(JsonElement message) =>
            [.. message.GetProperty("operations").EnumerateArray().Select(operation => operation.GetProperty("id").GetInt64())];

        static OperationStatus Operation(long id) => new()
        {
            Id = id,
            Kind = OperationKind.Reload,
            RequestedBy = ["file change"],
            RequestedAt = DateTimeOffset.UnixEpoch,
        };
    }

    [Test]
    public async Task Changes_within_a_quarter_of_a_second_are_sent_together()
    {
        var clock = new FakeTimeProvider();
        await using var server = await PageServer.StartAsync("Development", clock: clock);
        await using var page = await PageReader.OpenAsync(server);
        await page.ReadAsync("snapshot");

        for (var workers = 3; workers <= 9; workers++)
        {
            server.Manager.Services = [FakeManager.Service("polling", workers)];
        }

        clock.Advance(TimeSpan.FromSeconds(0.25));
        var status = await page.ReadAsync("status", message => message.TryGetProperty("services", out _));
        Assert.That(status.GetProperty("services")[0].GetProperty("target").GetInt32(), Is.EqualTo(9));
    }

    [Test]
    public async Task Stream_ends_after_ten_minutes_so_that_the_page_is_authorized_again()
    {
        var clock = new FakeTimeProvider();
        await using var server = await PageServer.StartAsync("Development", clock: clock);
        await using var page = await PageReader.OpenAsync(server);
        await page.ReadAsync("snapshot");

        // In steps: a reader that receives nothing for minutes of this clock would be cut off.
        for (var minute = 1; minute < 10; minute++)
        {
            server.Manager.Services = [FakeManager.Service("polling", minute)];
            clock.Advance(TimeSpan.FromMinutes(1));
            await page.ReadAsync("status", message => message.TryGetProperty("services", out _));
        }

        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.That((await page.ReadAsync("close")).GetProperty("reason").GetString(), Is.EqualTo("renew"));
    }

    [Test]
    public void Message_after_the_end_is_dropped_and_only_a_connection_that_stays_open_is_aborted()
    {
        var (clock, connection, context) = (new FakeTimeProvider(), new Connection(), new DefaultHttpContext());
        context.Features.Set<IHttpRequestLifetimeFeature>(connection);
        using var stream = new PageStream(context, clock, TimeSpan.FromMinutes(10));

        stream.Close("renew");
        stream.Write(new SseItem<string>("{}", "status"));

        List<string> sent = [.. stream.ReadAsync(CancellationToken.None).ToBlockingEnumerable().Select(m => m.EventType)];
        Assert.That(sent, Is.EqualTo(["close"]));
        Assert.That(connection.IsAborted, Is.False);
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.That(connection.IsAborted);
    }

    [Test]
    public async Task Events_usage_and_queues_are_sent()
    {
        await using var server = await PageServer.StartAsync("Development");
        await using var page = await PageReader.OpenAsync(server);
        await page.ReadAsync("snapshot");

        var queues = await page.ReadAsync("status", message => message.TryGetProperty("queues", out _));
        server.Manager.Publish(WorkerEventKind.Exited, FakeManager.Exit("failed"));
        var what = await page.ReadAsync("worker");
        var usage = await page.ReadAsync("usage");

        Assert.That(what.GetProperty("exit").GetProperty("message").GetString(), Is.EqualTo("failed"));
        Assert.That(queues.GetProperty("queues")[0].GetProperty("dead").GetInt64(), Is.EqualTo(2));
        Assert.That(usage.GetProperty("workers")[0].GetProperty("memory").GetInt64(), Is.EqualTo(3_000_000));
        Assert.That(usage.GetProperty("workers")[0].TryGetProperty("connections", out _), Is.False);
        Assert.That(usage.GetProperty("master").GetProperty("cpu").GetDouble(), Is.EqualTo(1.2).Within(0.1));
    }

    [Test]
    public async Task Queue_whose_store_fails_is_sent_with_the_reason()
    {
        await using var server = await PageServer.StartAsync("Development");
        server.Queue.Failure = new IOException("The disk is full.");
        await using var page = await PageReader.OpenAsync(server);

        var queues = await page.ReadAsync("status", message => message.TryGetProperty("queues", out _));

        Assert.That(queues.GetProperty("queues")[0].GetProperty("error").GetString(), Is.EqualTo("The disk is full."));
    }

    [Test]
    public async Task Nothing_is_observed_while_no_page_is_open()
    {
        await using var server = await PageServer.StartAsync("Development");
        await using (var page = await PageReader.OpenAsync(server))
        {
            await page.ReadAsync("usage");
        }

        // The server notices the closed connection, and then reads no more: two equal counts with three intervals between them.
        Assert.That(() => Observed(server.Manager), Is.True.After(30_000, 1));
        Assert.That(server.Manager.Measurements, Is.GreaterThan(0));

        static bool Observed(FakeManager manager)
        {
            var before = manager.Looks;
            Thread.Sleep(800);
            return manager.Looks == before;
        }
    }

    [Test]
    public async Task Stop_of_the_program_ends_the_streams_at_once()
    {
        await using var server = await PageServer.StartAsync("Development");
        var pages = new List<PageReader>();
        for (var i = 0; i < 5; i++)
        {
            pages.Add(await PageReader.OpenAsync(server));
            await pages[i].ReadAsync("snapshot");
        }

        var duration = Stopwatch.StartNew();
        await server.StopAsync();
        duration.Stop();

        Assert.That(duration.Elapsed, Is.LessThan(TimeSpan.FromSeconds(10)));
        foreach (var page in pages)
        {
            Assert.That((await page.ReadToEndAsync())[^1], Is.EqualTo("close"));
            await page.DisposeAsync();
        }
    }

    [Test]
    public async Task Stop_of_the_program_is_not_delayed_by_a_page_that_does_not_read()
    {
        await using var server = await PageServer.StartAsync("Development");
        server.Manager.Exits = [.. Enumerable.Range(0, 64).Select(_ => FakeManager.Exit(new string('x', 200_000)))];
        using var client = new System.Net.Sockets.TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        await client.GetStream().WriteAsync("GET /cotyledon/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        await client.GetStream().ReadExactlyAsync(new byte[100]);

        await server.StopAsync().WaitAsync(TimeSpan.FromSeconds(15));
    }

    [Test]
    public async Task Number_of_open_pages_is_limited()
    {
        await using var server = await PageServer.StartAsync("Development", options: o => o.MaxStreams = 1);
        await using (var page = await PageReader.OpenAsync(server))
        {
            await page.ReadAsync("snapshot");
            var refused = await server.Client.GetAsync("/cotyledon/stream");
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        }

        using var limit = new CancellationTokenSource(Limit);
        while (await StatusAsync() != HttpStatusCode.OK)
        {
            limit.Token.ThrowIfCancellationRequested();
        }

        async Task<HttpStatusCode> StatusAsync()
        {
            using var response = await server.Client.GetAsync("/cotyledon/stream", HttpCompletionOption.ResponseHeadersRead);
            return response.StatusCode;
        }
    }

    private sealed class Connection : IHttpRequestLifetimeFeature
    {
        public CancellationToken RequestAborted { get; set; }

        public bool IsAborted { get; private set; }

        public void Abort() => IsAborted = true;
    }
}
