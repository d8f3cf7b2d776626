using System.Diagnostics;
using System.Net.Sockets;
using Cotyledon.Hosting.Tests.Control;

namespace Cotyledon.Hosting.ProcessTests.Web;

/// <summary>Which worker gets a connection, and what happens to workers and connections at the limits.</summary>
[Category("Aot")]
internal sealed class WebConnectionTests
{
    [Test]
    public async Task Connections_are_spread_evenly()
    {
        await using var web = await WebProgram.StartAsync(4);
        var sockets = new List<Socket>();
        var workers = new List<int>();
        for (var i = 0; i < 600; i++)
        {
            sockets.Add(await web.ConnectAsync());
        }

        foreach (var socket in sockets)
        {
            workers.Add(WebProgram.WorkerOf(await WebProgram.GetAsync(socket, "/who")));
        }

        // A worker that gets no processor time for 50 ms is passed over meanwhile. It gets the next connections.
        Assert.That(Counts(), Has.Count.EqualTo(4));
        for (var more = Missing() + 40; more > 0 && Missing() > 0; more--)
        {
            sockets.Add(await web.ConnectAsync());
            workers.Add(WebProgram.WorkerOf(await WebProgram.GetAsync(sockets[^1], "/who")));
        }

        Assert.That(Missing(), Is.Zero, string.Join(", ", Counts()));
        sockets.ForEach(s => s.Dispose());
        await web.App.StopAsync();

        List<int> Counts() => [.. workers.GroupBy(w => w).Select(g => g.Count())];

        int Missing() => Counts().Sum(c => Counts().Max() - c);
    }

    [Test]
    public async Task Status_has_the_connections_and_requests_of_each_worker()
    {
        await using var web = await WebProgram.StartAsync(2);
        using var client = await ControlProgram.ConnectAsync(web.App);
        var (sockets, workers) = (new List<Socket>(), new List<int>());
        for (var i = 0; i < 10; i++)
        {
            sockets.Add(await web.ConnectAsync());
            await WebProgram.GetAsync(sockets[i], "/who");
            workers.Add(WebProgram.WorkerOf(await WebProgram.GetAsync(sockets[i], "/who")));
        }

        await web.App.UntilAsync(() => LoadsOf(client) == "5 10, 5 10", "5 connections and 10 requests of each worker");

        // A worker that does not answer delays the others only once, and its last number is shown.
        var stopped = await web.App.WaitForReadyAsync("Web", 1);
        Linux.Pause(stopped);
        for (var requests = 11; requests <= 13; requests++)
        {
            await WebProgram.GetAsync(sockets[workers.IndexOf(0)], "/who");
            await web.App.UntilAsync(() => LoadsOf(client) == $"5 {requests}, 5 10", "one more request, and the last number of the stopped worker");
        }

        Linux.Send(stopped, Linux.Continue);
        sockets.ForEach(s => s.Dispose());
        await web.App.UntilAsync(() => LoadsOf(client) == "0 13, 0 10", "no open connection");
        await web.App.StopAsync();
    }

    private static string LoadsOf(ControlClient client) => string.Join(", ", client.Ask("""{"do":"status","usage":true}""")
        .GetProperty("result").GetProperty("services").EnumerateArray().Single(s => s.GetProperty("name").GetString() == "Web")
        .GetProperty("workers").EnumerateArray().Select(w => w.GetProperty("usage"))
        .Select(u => u.TryGetProperty("connections", out var open) ? $"{open} {u.GetProperty("requests")}" : "-"));

    [Test]
    public async Task Stopped_worker_gets_no_more_than_its_credit()
    {
        await using var web = await WebProgram.StartAsync(2);
        var stopped = await web.App.WaitForReadyAsync("Web", 1);
        Linux.Pause(stopped);
        var answers = Enumerable.Range(0, 200).Select(_ => web.GetAsync("/who")).ToList();
        await web.App.UntilAsync(() => answers.Count(a => a.IsCompleted) >= 200 - 32, "the answers of the other worker");
        Assert.That(answers.Where(a => a.IsCompleted).Select(a => WebProgram.WorkerOf(a.Result)), Is.All.Zero);
        Linux.Send(stopped, Linux.Continue);
        await Task.WhenAll(answers);
        await web.App.StopAsync();
    }

    [Test]
    public async Task Connections_of_a_worker_that_never_took_them_are_passed_to_another_worker()
    {
        await using var web = await WebProgram.StartAsync(2);
        var stopped = await web.App.WaitForReadyAsync("Web", 1);
        Linux.Pause(stopped);
        var answers = Enumerable.Range(0, 40).Select(_ => web.GetAsync("/who")).ToList();
        await web.App.UntilAsync(() => answers.Count(a => a.IsCompleted) >= 8, "some answers");
        Linux.Send(stopped, Linux.Kill);
        Assert.That((await Task.WhenAll(answers)).Select(WebProgram.ProcessOf), Has.None.EqualTo(stopped));
        await web.App.StopAsync();
    }

    [Test]
    public async Task Worker_with_a_blocked_pool_gets_no_further_connection()
    {
        await using var web = await WebProgram.StartAsync(2);
        var blocked = WebProgram.WorkerOf(await web.GetAsync("/block"));
        web.App.OpenGate();
        await web.App.WaitForAsync("pool-blocked");

        // A connection that is passed to the worker before the delay is noticed waits until the worker is killed.
        var probes = new List<Task<string>>();
        await web.App.UntilAsync(
            () =>
            {
                probes.AddRange(Enumerable.Range(0, 4).Select(_ => web.GetAsync("/who")));
                return probes.SkipWhile(p => p.IsCompleted).Count(p => p.IsCompleted) >= 50;
            },
            "an unanswered request and fifty answers after it");
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => web.GetAsync("/who")));
        Assert.That(answers.Select(WebProgram.WorkerOf), Has.None.EqualTo(blocked));

        Linux.Send(await web.App.WaitForReadyAsync("Web", blocked), Linux.Kill);
        await Task.WhenAll(probes).ContinueWith(_ => { }, TaskScheduler.Default);
        await web.App.StopAsync();
    }

    [Test]
    public async Task Client_stays_with_its_worker_with_affinity()
    {
        await using var web = await WebProgram.StartAsync(3, "--Cotyledon:Web:Affinity", "ClientAddress");

        // A worker that gets no processor time for 50 ms is passed over meanwhile.
        await web.App.UntilAsync(
            () => Task.WhenAll(Enumerable.Range(0, 20).Select(_ => web.GetAsync("/who"))).GetAwaiter().GetResult().Distinct().Count() == 1,
            "all answers of one worker");
        await web.App.StopAsync();
    }

    [Test]
    public async Task Connection_is_closed_when_no_worker_can_take_it_in_time()
    {
        await using var web = await WebProgram.StartAsync(1, "--Cotyledon:Web:MaxConnectionWait", "1s");
        new Settings(web.App.Directory).Write(WebProgram.Text(workers: 0));
        await web.App.UntilAsync(() => Linux.ChildrenOf(web.App.ProcessId).Count == 0, "no worker");
        var watch = Stopwatch.StartNew();
        Assert.That(async () => await web.GetAsync("/who"), Throws.InstanceOf<IOException>().Or.InstanceOf<SocketException>());
        Assert.That(watch.Elapsed, Is.LessThan(TestProgram.Limit));
        await web.App.UntilAsync(() => web.App.Output.Contains("No worker could take connections to 127.0.0.1:", StringComparison.Ordinal), "the error");
        new Settings(web.App.Directory).Write(WebProgram.Text(workers: 1));
        await web.App.UntilStatusAsync("Web", status => status == "1/1 0=Ready");
        await web.App.UntilAsync(() => TryGet(web), "an answer");
        await web.App.StopAsync();
    }

    [Test]
    [Category("Long")]
    public async Task Descriptors_stay_constant()
    {
        await using var web = await WebProgram.StartAsync(2);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => web.GetAsync("/who")));
        await ReplaceAllAsync(web, incarnation: 2);
        await web.App.UntilAsync(() => Linux.ChildrenOf(web.App.ProcessId).Count == 2, "two workers");
        var before = Linux.DescriptorsOf(web.App.ProcessId);
        for (var i = 0; i < 10; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => web.GetAsync("/who")));
        }

        await ReplaceAllAsync(web, incarnation: 3);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => web.GetAsync("/who")));
        await web.App.UntilAsync(() => Linux.DescriptorsOf(web.App.ProcessId) <= before, $"{before} descriptors");
        await web.App.StopAsync();
    }

    [Test]
    public async Task Request_in_progress_ends_after_the_master_was_killed()
    {
        await using var web = await WebProgram.StartAsync(2);
        var answer = web.GetAsync("/slow?ms=1000");
        await web.App.WaitForAsync("slow");
        web.App.Signal(Linux.Kill);
        Assert.That(await answer, Is.Not.Empty);
        await web.App.UntilNoProcessAsync(TestProgram.Limit);
    }

    [Test]
    public async Task Stop_loses_no_request_that_was_sent_before()
    {
        await using var web = await WebProgram.StartAsync(2);
        var answers = Enumerable.Range(0, 20).Select(_ => web.GetAsync("/slow?ms=500")).ToList();
        await web.App.WaitForAsync(20, "slow");
        await web.App.StopAsync();
        await Task.WhenAll(answers);
    }

    private static async Task ReplaceAllAsync(WebProgram web, int incarnation)
    {
        web.App.Signal(Linux.Hangup);
        await web.WaitForReadyAsync(2, incarnation);
    }

    private static bool TryGet(WebProgram web)
    {
        try
        {
            return web.GetAsync("/who").GetAwaiter().GetResult().Length > 0;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return false;
        }
    }
}
