using System.Runtime.Versioning;
using System.Text.Json;
using Cotyledon.Hosting.Control;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Tests.Control;

/// <summary>The requests to the control endpoint, and their answers.</summary>
[Platform(Exclude = "Win")]
[UnsupportedOSPlatform("windows")]
internal sealed class ControlRequestTests : ControlServerFixture
{
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
            Assert.That(client.Ask($$"""{"do":"{{verb}}","usage":true}""").TryGetProperty("result", out _), verb);
        }

        release.Set();
    }

    [Test]
    public void Scale_reports_progress_and_the_log_has_the_user_and_the_outcome()
    {
        using var client = Greeted(Start());
        client.Send("""{"id":1,"do":"scale","service":"POLLING","workers":4}""" + "\n");
        Eventually(() => Manager.Calls.Count == 1);
        (Manager.Target, Manager.Ready) = (4, 3);
        Eventually(() =>
        {
            Clock.Advance(TimeSpan.FromMilliseconds(100));
            return client.Socket.Available > 0;
        });
        Assert.That(client.ReadLine(), Is.EqualTo("""{"id":1,"progress":{"ready":3,"target":4}}"""));
        Manager.Action.SetResult(new ReloadResult { Outcome = ReloadOutcome.Reloaded });
        var result = client.Read().GetProperty("result");
        Assert.That((result.GetProperty("from").GetInt32(), result.GetProperty("to").GetInt32()), Is.EqualTo((2, 4)));
        var peer = $"uid {OwnedFile.UserId} pid {Environment.ProcessId}";
        Assert.That(Manager.Calls, Is.EqualTo(new[] { $"scale polling 4 by control {peer}" }));
        Assert.That(Logger.Lines.Select(l => l.Message), Does.Contain($"Control client {peer}: scale POLLING to 4: done"));
    }

    [Test]
    public void Restart_reports_each_step_once()
    {
        using var client = Greeted(Start());
        client.Send("""{"id":1,"do":"restart","service":"polling"}""" + "\n");
        Eventually(() => Manager.Calls.Count == 1);
        Manager.Operations = [Operation(1)];
        Eventually(() =>
        {
            Clock.Advance(TimeSpan.FromMilliseconds(100));
            return client.Socket.Available > 0;
        });
        Assert.That(Step(client.Read()), Is.EqualTo((0, 1)));

        // A third worker has left the restart: it is done, and has no step.
        Manager.Operations = [Operation(2) with { Total = 3, Done = 3 }];
        Manager.Action.SetResult(new ReloadResult { Outcome = ReloadOutcome.Reloaded });
        Assert.That(Step(client.Read()), Is.EqualTo((1, 3)), "the last step comes before the result");
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

    [TestCase(0, 3, "scale polling 3")]
    [TestCase(2, 3, "scale polling 2")]
    [TestCase(0, 0, null)]
    public void Start_requests_the_configured_workers_unless_some_are_wanted(int target, int configured, string? call)
    {
        (Manager.Target, Manager.ConfiguredTarget) = (target, configured);
        Manager.Action.SetResult(new ReloadResult { Outcome = ReloadOutcome.Reloaded });
        using var client = Greeted(Start());
        var answer = client.Ask("""{"do":"start","service":"polling"}""");
        Assert.That(Manager.Calls.Select(c => c.Split(" by ")[0]), call is null ? Is.Empty : Is.EqualTo(new[] { call }));
        Assert.That(answer.TryGetProperty("error", out var error), Is.EqualTo(call is null));
        if (call is null)
        {
            Assert.That(error.GetProperty("code").GetString(), Is.EqualTo("conflict"));
            Assert.That(error.GetProperty("message").GetString(), Does.Contain("workers of service 'polling' is 0"));
        }
    }

    [Test]
    public void Failure_of_an_action_while_the_program_stops_is_a_conflict()
    {
        using var client = Greeted(Start());
        client.Send("""{"do":"reload"}""" + "\n");
        Eventually(() => Manager.Calls.Count == 1);
        Manager.Phase = CotyledonPhase.Stopping;
        Manager.Action.SetException(new InvalidOperationException("The master is stopping."));
        Assert.That(client.Read().GetProperty("error").ToString(), Is.EqualTo("""{"code":"conflict","message":"The master is stopping."}"""));
    }

    [TestCase(ScaleOutcome.Superseded, "conflict")]
    [TestCase(ScaleOutcome.Failed, "failed")]
    public void Scale_without_the_requested_number_of_workers_is_an_error(ScaleOutcome outcome, string code)
    {
        using var client = Greeted(Start());
        Manager.Scaled = new ScaleResult { Outcome = outcome, Errors = ["1 of 3 workers crashed too often."] };
        Manager.Action.SetResult(new ReloadResult { Outcome = ReloadOutcome.Reloaded });

        var answer = client.Ask("""{"do":"scale","service":"polling","workers":3}""");

        Assert.That(answer.GetProperty("error").ToString(), Is.EqualTo($$"""{"code":"{{code}}","message":"1 of 3 workers crashed too often."}"""));
    }

    [Test]
    public void Requests_of_a_connection_run_one_after_the_other()
    {
        using var client = Greeted(Start());
        client.Send("""{"id":1,"do":"reload"}""" + "\n" + string.Concat(Enumerable.Range(2, 30).Select(i => $$"""{"id":{{i}},"do":"exits"}""" + "\n")));
        Eventually(() => Manager.Calls.Count == 1);
        using (var other = Greeted(Sockets().Single()))
        {
            Assert.That(other.Ask("""{"do":"exits"}""").TryGetProperty("result", out _), "another connection does not wait");
        }

        Manager.Action.SetResult(new ReloadResult { Outcome = ReloadOutcome.Reloaded });
        Assert.That(Enumerable.Range(1, 31).Select(_ => client.Read().GetProperty("id").GetInt32()), Is.EqualTo(Enumerable.Range(1, 31)));
    }

    [Test]
    public void Events_are_streamed_with_gaps_until_they_are_cancelled()
    {
        using var client = Greeted(Start());
        client.Send("""{"id":1,"do":"events","after":3,"follow":true}""" + "\n");
        Manager.Publish(4);
        Manager.Publish(9);
        Assert.That(client.Read().GetProperty("progress").GetProperty("event").GetProperty("number").GetInt64(), Is.EqualTo(4));
        Assert.That(client.ReadLine(), Is.EqualTo("""{"id":1,"progress":{"gap":{"from":5,"to":8}}}"""));
        Assert.That(client.Read().GetProperty("progress").GetProperty("event").GetProperty("number").GetInt64(), Is.EqualTo(9));
        Assert.That(client.Ask("""{"id":1,"do":"cancel"}""").ToString(), Is.EqualTo("""{"id":1,"result":{"last":9}}"""));
    }

    [Test]
    public void Kept_events_are_sent_without_the_thread_pool()
    {
        Manager.Publish(4);
        var output = new FakeOutput { MaxLines = 1 };
        using var session = new ControlSession(Host(), ControlPeer.Of(8, 1, 8, new ControlSettings())!, output);
        session.Receive("""{"id":1,"do":"events","after":3}"""u8.ToArray());
        Assert.That(output.Lines, Has.Count.EqualTo(2), "the answer is complete when the call returns");
        Assert.That(output.Lines[1], Is.EqualTo("{\"id\":1,\"result\":{\"last\":4}}\n"));
        Eventually(() => Manager.Watchers == 0);
    }

    [Test]
    public void Action_of_a_client_that_has_gone_is_still_logged()
    {
        using (var client = Greeted(Start()))
        {
            client.Send("""{"do":"reload"}""" + "\n");
        }

        Eventually(() => Manager.Calls.Count == 1);
        Manager.Action.SetResult(new ReloadResult { Outcome = ReloadOutcome.Reloaded });
        Eventually(() => Logger.Names.Contains("ControlAction"));
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

        var output = new FakeOutput();
        using var session = new ControlSession(Host(), reader, output);
        session.Receive("""{"id":1,"do":"scale","service":"polling","workers":4}"""u8.ToArray());
        session.Receive("""{"id":2,"do":"exits"}"""u8.ToArray());
        Assert.That(output.Lines[0], Does.StartWith("""{"id":1,"error":{"code":"denied","""));
        Assert.That(output.Lines[1], Does.StartWith("""{"id":2,"result":"""));
        Assert.That(Manager.Calls, Is.Empty);
        Assert.That(Logger.Lines.Single().Message, Is.EqualTo("Control client uid 7 pid 1: scale polling to 4: refused: this user may only read"));
    }

    /// <summary>Otherwise the transport would not close a connection whose other end waits for that.</summary>
    [Test]
    public void Session_is_not_busy_any_more_when_the_transport_learns_of_the_last_answer()
    {
        var states = new List<(bool IsBusy, bool CanReceive)>();
        var output = new FakeOutput();
        using var session = new ControlSession(Host(), ControlPeer.Of(8, 1, 8, new ControlSettings())!, output);
        output.Answered = () => states.Add((session.IsBusy, session.CanReceive));
        session.Receive("""{"id":1,"do":"exits"}"""u8.ToArray());
        session.Receive("not JSON"u8.ToArray());
        Assert.That(states, Is.EqualTo(new[] { (false, true), (false, true) }));
    }

    [Test]
    public void Refused_requests_do_not_flood_the_log()
    {
        var reader = ControlPeer.Of(userId: 7, processId: 1, ownUserId: 8, new ControlSettings { Group = "ops" })!;
        using var session = new ControlSession(Host(), reader, new FakeOutput());
        Flood();
        Assert.That(Logger.Names, Is.EqualTo((string[])[.. Enumerable.Repeat("ControlAction", 10), "ControlRefusalsLimited"]));
        Clock.Advance(TimeSpan.FromMinutes(1));
        Flood();
        Assert.That(Logger.Names, Has.Exactly(22).Items);

        void Flood()
        {
            for (var i = 0; i < 100; i++)
            {
                session.Receive("""{"do":"shutdown"}"""u8.ToArray());
            }
        }
    }

    [Test]
    public void Queues_are_shown_and_their_dead_items_changed()
    {
        var queue = new FakeQueue();
        Queues.Add(queue);
        using var client = Greeted(Start());
        Assert.That(client.Ask("""{"do":"queues"}""").GetProperty("result").ToString(), Is.EqualTo(
            """{"queues":[{"name":"samples","store":"memory","waiting":1,"taken":2,"completed":3,"redelivered":4,"dead":5}]}"""));
        Assert.That(client.Ask("""{"do":"queue.dead","queue":"samples","max":10}""").GetProperty("result").ToString(), Is.EqualTo(
            """{"items":[{"id":1,"attempts":5,"text":"a\u0022","bytes":2},{"id":2,"attempts":5,"base64":"/w==","bytes":1}]}"""));
        Assert.That(client.Ask("""{"do":"queue.retry","queue":"samples","ids":[1]}""").GetProperty("result").ToString(), Is.EqualTo("""{"count":1}"""));
        Assert.That(client.Ask("""{"do":"queue.delete","queue":"samples","all":true}""").GetProperty("result").ToString(), Is.EqualTo("""{"count":2}"""));
        Assert.That(queue.Calls, Is.EqualTo(new[] { "retry 1", "delete 1 2" }));
    }

    private static OperationStatus Operation(int done) => new()
    {
        Id = 1,
        Kind = OperationKind.Restart,
        Service = "polling",
        RequestedBy = ["SIGHUP", $"control uid {OwnedFile.UserId} pid {Environment.ProcessId}"],
        RequestedAt = DateTimeOffset.UnixEpoch,
        Total = 2,
        Done = done,
        Steps = [.. Enumerable.Range(0, done).Select(id => new OperationStep { Service = "polling", WorkerId = id, Kind = OperationStepKind.Replaced })],
    };
}
