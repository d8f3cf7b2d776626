using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using Cotyledon.Hosting.Control;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Processes;
using Microsoft.Extensions.Time.Testing;

namespace Cotyledon.Hosting.Tests.Control;

/// <summary>The control endpoint over a real socket.</summary>
[Platform(Exclude = "Win")]
[UnsupportedOSPlatform("windows")]
internal sealed class ControlServerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly FakeManager _manager = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly TestLogger _log = new();
    private readonly List<IQueueAdministration> _queues = [];
    private string _directory = "";
    private ControlSocketServer? _server;

    [SetUp]
    public void Create() => _directory = Directory.CreateTempSubdirectory("cotyledon-control-").FullName;

    [TearDown]
    public void Delete()
    {
        _server?.Stop();
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public void Greeting_names_the_program_and_the_access()
    {
        using var client = Connect(Start());
        Assert.That(client.ReadLine(), Is.EqualTo(
            $$"""{"protocol":1,"app":"My App","version":"1.2.3","library":"0.1.0","pid":{{Environment.ProcessId}},"access":"control"}"""));
    }

    [Test]
    public void Socket_is_for_the_owner_only_and_is_deleted_at_the_stop()
    {
        var path = Start();
        Assert.That(Path.GetFileName(path), Is.EqualTo($"My_App.{Environment.ProcessId}.sock"));
        Assert.That(OwnedFile.Read(path)!.Value.Mode & 0xfff, Is.EqualTo(0b110_000_000));
        _server!.Stop();
        Assert.That(Directory.EnumerateFileSystemEntries(_directory), Is.Empty);
    }

    [Test]
    public void Second_server_of_the_same_process_id_gets_a_suffix_and_a_foreign_file_is_kept()
    {
        var first = Start();
        using var other = new Running(Host(), Settings);
        Eventually(() => Sockets().Length == 2);
        Assert.That(Sockets(), Does.Contain(Path.ChangeExtension(first, null) + "-2.sock"));
        File.Delete(first);
        File.WriteAllText(first, "mine");
        _server!.Stop();
        Assert.That(File.ReadAllText(first), Is.EqualTo("mine"), "only the own inode is deleted");
    }

    [Test]
    public void Stale_sockets_of_the_same_program_are_deleted_and_others_are_kept()
    {
        foreach (var name in (string[])["My_App.1.sock", $"My_App.{Environment.ProcessId}.sock", "Other.1.sock"])
        {
            var socket = Libc.NewUnixSocket();
            Assert.That(Libc.Bind(socket, Path.Combine(_directory, name), 0b110_000_000), Is.Zero);
            _ = Libc.Close(socket);
        }

        File.WriteAllText(Path.Combine(_directory, "My_App.2.sock"), "not a socket");
        using (Connect(Start()))
        {
            Assert.That(
                Sockets().Select(Path.GetFileName).Order(),
                Is.EquivalentTo(new[] { "My_App.2.sock", $"My_App.{Environment.ProcessId}.sock", "Other.1.sock" }));
        }
    }

    [Test]
    public void Status_has_services_and_usage()
    {
        using var client = Greeted(Start());
        var result = client.Ask("""{"id":5,"do":"status","usage":true}""");
        Assert.That(result.GetProperty("id").GetInt64(), Is.EqualTo(5));
        var status = result.GetProperty("result");
        Assert.That(status.GetProperty("overview").GetProperty("usage").ToString(), Is.EqualTo("""{"cpu":0.1,"memory":5}"""));
        Assert.That(status.GetProperty("services")[0].ToString(), Is.EqualTo(
            """{"name":"polling","target":2,"configured":2,"ready":2,"workers":[{"id":0,"state":"Ready","pid":100,"incarnation":3,"restarts":0},"""
            + """{"id":1,"state":"Ready","pid":101,"incarnation":3,"restarts":0,"usage":{"cpu":12.3,"memory":7}}]}"""));
    }

    [Test]
    public void Questions_are_answered_although_the_thread_pool_is_blocked()
    {
        var path = Start();
        using var release = new ManualResetEventSlim();
        using var blocked = new CountdownEvent(Environment.ProcessorCount * 2);
        for (var i = 0; i < Environment.ProcessorCount * 2; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_ =>
            {
                blocked.Signal();
                release.Wait();
            }, null);
        }

        Assert.That(blocked.Wait(Limit));
        using var client = Greeted(path);
        foreach (var verb in (string[])["status", "exits", "operations", "events"])
        {
            Assert.That(client.Ask($$"""{"do":"{{verb}}"}""").TryGetProperty("result", out _), verb);
        }

        release.Set();
    }

    [Test]
    public void Scale_reports_progress_and_the_log_has_the_user_and_the_outcome()
    {
        using var client = Greeted(Start());
        client.Send("""{"id":1,"do":"scale","service":"POLLING","workers":4}""" + "\n");
        Eventually(() => _manager.Calls.Count == 1);
        (_manager.Target, _manager.Ready) = (4, 3);
        Eventually(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            return client.Socket.Available > 0;
        });
        Assert.That(client.ReadLine(), Is.EqualTo("""{"id":1,"progress":{"ready":3,"target":4}}"""));
        _manager.Action.SetResult(new ReloadResult { Outcome = ReloadOutcome.Reloaded });
        var result = client.Read().GetProperty("result");
        Assert.That((result.GetProperty("from").GetInt32(), result.GetProperty("to").GetInt32()), Is.EqualTo((2, 4)));
        var peer = $"uid {OwnedFile.UserId} pid {Environment.ProcessId}";
        Assert.That(_manager.Calls, Is.EqualTo(new[] { $"scale polling 4 by control {peer}" }));
        Assert.That(_log.Lines.Select(l => l.Message), Does.Contain($"Control client {peer}: scale POLLING to 4: done"));
    }

    [Test]
    public void Restart_reports_each_step_once()
    {
        using var client = Greeted(Start());
        client.Send("""{"id":1,"do":"restart","service":"polling"}""" + "\n");
        Eventually(() => _manager.Calls.Count == 1);
        _manager.Operations = [Operation(1)];
        Eventually(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            return client.Socket.Available > 0;
        });
        Assert.That(Step(client.Read()), Is.EqualTo((0, 1)));
        _manager.Operations = [Operation(2)];
        _manager.Action.SetResult(new ReloadResult { Outcome = ReloadOutcome.Reloaded });
        Assert.That(Step(client.Read()), Is.EqualTo((1, 2)), "the last step comes before the result");
        Assert.That(client.Read().GetProperty("result").GetProperty("outcome").GetString(), Is.EqualTo("Reloaded"));

        static (int Worker, int Done) Step(JsonElement line)
        {
            var progress = line.GetProperty("progress");
            return (progress.GetProperty("step").GetProperty("worker").GetInt32(), progress.GetProperty("done").GetInt32());
        }
    }

    [TestCase("""{"do":"nothing"}""", "usage")]
    [TestCase("""{"id":1}""", "usage")]
    [TestCase("""{"do":"scale"}""", "usage")]
    [TestCase("""{"do":"scale","workers":1}""", "usage")]
    [TestCase("""{"do":"scale","service":"polling","workers":-1}""", "usage")]
    [TestCase("""{"do":"scale","service":"polling","workers":10001}""", "usage")]
    [TestCase("""{"do":"scale","service":"other","workers":1}""", "notFound")]
    [TestCase("""{"do":"restart","service":"polling","worker":7}""", "notFound")]
    [TestCase("""{"do":"kill","service":"polling"}""", "usage")]
    [TestCase("""{"do":"kill","service":"polling","worker":0,"incarnation":2}""", "conflict")]
    [TestCase("""{"do":"shutdown","exitCode":256}""", "usage")]
    [TestCase("""{"do":"queue.dead","queue":"none"}""", "notFound")]
    [TestCase("""{"do":"queue.retry"}""", "usage")]
    [TestCase("""{"do":"events","after":-1}""", "usage")]
    [TestCase("""{"do":"status","protocol":2}""", "protocol")]
    [TestCase("garbage", "usage")]
    public void Wrong_request_has_an_error_code_and_the_connection_stays(string request, string code)
    {
        using var client = Greeted(Start());
        Assert.That(client.Ask(request).GetProperty("error").GetProperty("code").GetString(), Is.EqualTo(code));
        Assert.That(client.Ask("""{"do":"exits"}""").TryGetProperty("result", out _));
    }

    [Test]
    public void Failure_of_an_action_while_the_program_stops_is_a_conflict()
    {
        using var client = Greeted(Start());
        client.Send("""{"do":"reload"}""" + "\n");
        Eventually(() => _manager.Calls.Count == 1);
        _manager.Phase = CotyledonPhase.Stopping;
        _manager.Action.SetException(new InvalidOperationException("The master is stopping."));
        Assert.That(client.Read().GetProperty("error").ToString(), Is.EqualTo("""{"code":"conflict","message":"The master is stopping."}"""));
    }

    [Test]
    public void Requests_of_a_connection_run_one_after_the_other()
    {
        using var client = Greeted(Start());
        client.Send("""{"id":1,"do":"reload"}""" + "\n" + string.Concat(Enumerable.Range(2, 30).Select(i => $$"""{"id":{{i}},"do":"exits"}""" + "\n")));
        Eventually(() => _manager.Calls.Count == 1);
        using (var other = Greeted(Sockets().Single()))
        {
            Assert.That(other.Ask("""{"do":"exits"}""").TryGetProperty("result", out _), "another connection does not wait");
        }

        _manager.Action.SetResult(new ReloadResult { Outcome = ReloadOutcome.Reloaded });
        Assert.That(Enumerable.Range(1, 31).Select(_ => client.Read().GetProperty("id").GetInt32()), Is.EqualTo(Enumerable.Range(1, 31)));
    }

    [Test]
    public void Events_are_streamed_with_gaps_until_they_are_cancelled()
    {
        using var client = Greeted(Start());
        client.Send("""{"id":1,"do":"events","after":3,"follow":true}""" + "\n");
        _manager.Publish(4);
        _manager.Publish(9);
        Assert.That(client.Read().GetProperty("progress").GetProperty("event").GetProperty("number").GetInt64(), Is.EqualTo(4));
        Assert.That(client.ReadLine(), Is.EqualTo("""{"id":1,"progress":{"gap":{"from":5,"to":8}}}"""));
        Assert.That(client.Read().GetProperty("progress").GetProperty("event").GetProperty("number").GetInt64(), Is.EqualTo(9));
        Assert.That(client.Ask("""{"id":1,"do":"cancel"}""").ToString(), Is.EqualTo("""{"id":1,"result":{"last":9}}"""));
    }

    [Test]
    public void Answer_is_sent_to_a_client_that_has_closed_its_direction()
    {
        using var client = Greeted(Start());
        client.Send("""{"do":"reload"}""" + "\n");
        client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        Eventually(() => _manager.Calls.Count == 1);
        _manager.Action.SetResult(new ReloadResult { Outcome = ReloadOutcome.Reloaded });
        Assert.That(client.Read().TryGetProperty("result", out _));
        Assert.That(client.ReadLine(), Is.Null);
    }

    [Test]
    public void Action_of_a_client_that_has_gone_is_still_logged()
    {
        using (var client = Greeted(Start()))
        {
            client.Send("""{"do":"reload"}""" + "\n");
        }

        Eventually(() => _manager.Calls.Count == 1);
        _manager.Action.SetResult(new ReloadResult { Outcome = ReloadOutcome.Reloaded });
        Eventually(() => _log.Names.Contains("ControlAction"));
    }

    [Test]
    public void Line_of_one_megabyte_is_refused_and_the_connection_closed()
    {
        using var client = Greeted(Start());
        try
        {
            client.Send(new byte[1024 * 1024]);
        }
        catch (System.Net.Sockets.SocketException)
        {
            // The connection was closed before all was sent.
        }

        Assert.That(client.ReadLine(), Does.Contain("65536 bytes at most"));
        Assert.That(client.ReadLine(), Is.Null);
    }

    [TestCase("", 5)]
    [TestCase("{\"do\":", 5)]
    [TestCase("{\"do\":\"exits\"}\n", 60)]
    [TestCase("{\"do\":\"exits\"}\n{", 5)]
    public void Connection_without_a_request_is_closed(string sent, int seconds)
    {
        var path = Start();
        using var client = Greeted(path);
        client.Send(sent);
        if (sent.Contains('\n'))
        {
            client.ReadLine();
        }

        // The last bytes are read in the order of the connections, so an answer on another one shows that they were received.
        Poke(path);
        _clock.Advance(TimeSpan.FromSeconds(seconds - 1));
        Poke(path);
        Assert.That(client.Socket.Poll(0, System.Net.Sockets.SelectMode.SelectRead), Is.False);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Poke(path);
        Assert.That(client.ReadLine(), Is.Null);
    }

    [Test]
    public void Reader_that_does_not_read_is_cut_off()
    {
        _manager.Message = new string('x', 4_000_000);
        var path = Start();
        using var client = Connect(path);
        client.Send("""{"do":"status"}""" + "\n");
        Eventually(() => client.Socket.Available > 100_000);
        Poke(path);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Poke(path);
        var total = 0;
        var buffer = new byte[65536];
        for (int count; (count = client.Socket.Receive(buffer)) > 0;)
        {
            total += count;
        }

        Assert.That(total, Is.LessThan(4_000_000));
    }

    [Test]
    public void Slow_reader_of_events_does_not_fill_the_memory()
    {
        using var client = Greeted(Start());
        client.Send("""{"do":"events","after":0,"follow":true}""" + "\n");
        for (var i = 1; i <= 20_000; i++)
        {
            _manager.Publish(i);
        }

        for (var i = 1; i <= 20_000; i++)
        {
            Assert.That(client.Read().GetProperty("progress").GetProperty("event").GetProperty("number").GetInt64(), Is.EqualTo(i));
        }
    }

    [Test]
    public void Ninth_connection_is_refused_and_a_place_becomes_free()
    {
        var path = Start();
        var clients = Enumerable.Range(0, 8).Select(_ => Greeted(path)).ToList();
        using (var ninth = Connect(path))
        {
            Assert.That(ninth.ReadLine(), Does.Contain("8 connections are open already"));
            Assert.That(ninth.ReadLine(), Is.Null);
        }

        clients[0].Dispose();
        Eventually(() =>
        {
            using var client = Connect(path);
            return client.ReadLine()!.Contains("protocol", StringComparison.Ordinal);
        });
        clients.ForEach(c => c.Dispose());
    }

    [Test]
    public void Readers_cannot_act()
    {
        var reader = ControlPeer.Of(userId: 7, processId: 1, ownUserId: 8, new ControlSettings { Group = "ops" })!;
        Assert.That(reader.MayControl, Is.False);
        Assert.That(ControlPeer.Of(7, 1, 8, new ControlSettings { Group = "ops", GroupMayControl = true })!.MayControl);
        Assert.That(ControlPeer.Of(7, 1, 8, new ControlSettings()), Is.Null);
        Assert.That(ControlPeer.Of(8, 1, 8, new ControlSettings())!.MayControl);
        Assert.That(ControlPeer.Of(0, 1, 8, new ControlSettings())!.MayControl);

        var output = new Output();
        using var session = new ControlSession(Host(), reader, output);
        session.Receive("""{"id":1,"do":"scale","service":"polling","workers":4}"""u8.ToArray());
        session.Receive("""{"id":2,"do":"exits"}"""u8.ToArray());
        Assert.That(output.Lines[0], Does.StartWith("""{"id":1,"error":{"code":"denied","""));
        Assert.That(output.Lines[1], Does.StartWith("""{"id":2,"result":"""));
        Assert.That(_manager.Calls, Is.Empty);
        Assert.That(_log.Lines.Single().Message, Does.StartWith("Control client uid 7 pid 1: scale polling to 4: failed: "));
    }

    [Test]
    public void Queues_are_shown_and_their_dead_items_changed()
    {
        var queue = new FakeQueue();
        _queues.Add(queue);
        using var client = Greeted(Start());
        Assert.That(client.Ask("""{"do":"queues"}""").GetProperty("result").ToString(), Is.EqualTo(
            """{"queues":[{"name":"samples","store":"memory","waiting":1,"taken":2,"completed":3,"redelivered":4,"dead":5}]}"""));
        Assert.That(client.Ask("""{"do":"queue.dead","queue":"samples","max":10}""").GetProperty("result").ToString(), Is.EqualTo(
            """{"items":[{"id":1,"attempts":5,"text":"a\u0022","bytes":2},{"id":2,"attempts":5,"base64":"/w==","bytes":1}]}"""));
        Assert.That(client.Ask("""{"do":"queue.retry","queue":"samples","ids":[1]}""").GetProperty("result").ToString(), Is.EqualTo("""{"count":1}"""));
        Assert.That(client.Ask("""{"do":"queue.delete","queue":"samples","all":true}""").GetProperty("result").ToString(), Is.EqualTo("""{"count":2}"""));
        Assert.That(queue.Calls, Is.EqualTo(new[] { "retry 1", "delete 1 2" }));
    }

    [Test]
    public void Unavailable_directory_is_one_line()
    {
        var settings = Settings with { Directory = Path.Combine(_directory, "no", "such") };
        using (new Running(Host(), settings))
        {
            Eventually(() => _log.Lines.Count > 0);
        }

        Assert.That(_log.Lines.Select(l => l.Name), Is.EqualTo(new[] { "ControlUnavailable" }));
    }

    [Test]
    public void Two_thousand_random_connections_leave_the_server_working()
    {
        var path = Start();
        var random = new Random(3);
        using (Greeted(path))
        {
            // The first connection loads what later ones use.
        }

        Eventually(() => Descriptors() > 0);
        var before = Descriptors();
        for (var i = 0; i < 2000; i++)
        {
            using var client = Connect(path);
            var bytes = new byte[random.Next(0, 200)];
            random.NextBytes(bytes);
            try
            {
                client.Send(bytes);
                client.Send(i % 3 == 0 ? "{\"do\":\"status\"}\n" : "\n");
            }
            catch (System.Net.Sockets.SocketException)
            {
                // Refused, because the connections before are not closed yet.
            }
        }

        Eventually(() => Descriptors() <= before);
        using var last = Greeted(path);
        Assert.That(last.Ask("""{"do":"exits"}""").TryGetProperty("result", out _));
    }

    private ControlSettings Settings => new() { Directory = _directory };

    private static int Descriptors() => Directory.Exists("/proc/self/fd") ? Directory.GetFileSystemEntries("/proc/self/fd").Length : 1;

    private ControlHost Host() => new()
    {
        Application = "My App",
        Manager = _manager,
        Queues = () => _queues,
        Log = write => write(_log),
        Clock = _clock,
    };

    private string Start()
    {
        _server = new ControlSocketServer(Host(), Settings);
        Eventually(() => _log.Names.Contains("ControlStarted"));
        return Sockets().Single(path => path.Contains($".{Environment.ProcessId}.", StringComparison.Ordinal));
    }

    private string[] Sockets() => Directory.GetFiles(_directory);

    private static ControlClient Connect(string path) => new(path);

    /// <summary>Returns a client that has read the greeting.</summary>
    private static ControlClient Greeted(string path)
    {
        var client = new ControlClient(path);
        Assert.That(client.ReadLine(), Does.StartWith("{\"protocol\":1,"));
        return client;
    }

    /// <summary>Makes the server look at its connections, and waits until it has done so.</summary>
    private static void Poke(string path)
    {
        for (var i = 0; i < 2; i++)
        {
            using var client = Greeted(path);
            client.Ask("""{"do":"exits"}""");
        }
    }

    private static OperationStatus Operation(int done) => new()
    {
        Id = 1,
        Kind = OperationKind.Restart,
        RequestedBy = $"SIGHUP, control uid {OwnedFile.UserId} pid {Environment.ProcessId}",
        StartedAt = DateTimeOffset.UnixEpoch,
        Total = 2,
        Done = done,
        Steps = [.. Enumerable.Range(0, done).Select(id => new OperationStep { Service = "polling", WorkerId = id, Kind = OperationStepKind.Replaced })],
    };

    private static void Eventually(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.That(watch.Elapsed, Is.LessThan(Limit), "the condition was not met");
            Thread.Sleep(5);
        }
    }

    private sealed class Running(ControlHost host, ControlSettings settings) : IDisposable
    {
        private readonly ControlSocketServer _server = new(host, settings);

        public void Dispose() => _server.Stop();
    }

    private sealed class Output : IControlOutput
    {
        public List<string> Lines { get; } = [];

        public void Send(byte[] line) => Lines.Add(System.Text.Encoding.UTF8.GetString(line));

        public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public void OnAnswered()
        {
        }
    }

    private sealed class FakeQueue : IQueueAdministration
    {
        private List<long> _dead = [1, 2];

        public List<string> Calls { get; } = [];

        public string Name => "samples";

        public string Store => "memory";

        public Task<QueueDepth> GetDepthAsync(CancellationToken cancellationToken) =>
            Task.FromResult(new QueueDepth { Waiting = 1, Taken = 2, Completed = 3, Redelivered = 4, Dead = 5 });

        public Task<IReadOnlyList<DeadQueueItem>> GetDeadAsync(int max, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<DeadQueueItem>>(
            [
                .. _dead.Select(id => new DeadQueueItem { Id = id, Attempts = 5, Body = id == 1 ? "a\""u8.ToArray() : new byte[] { 0xff } }),
            ]);

        public Task<int> RetryDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) => Change("retry", ids);

        public Task<int> DeleteDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
        {
            var changed = Change("delete", ids);
            _dead = [.. _dead.Except(ids)];
            return changed;
        }

        private Task<int> Change(string what, IReadOnlyCollection<long> ids)
        {
            Calls.Add($"{what} {string.Join(' ', ids)}");
            return Task.FromResult(ids.Count);
        }
    }
}
