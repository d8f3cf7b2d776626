using Cotyledon.Hosting.Web.Tests;

namespace Cotyledon.Hosting.ProcessTests.Web;

/// <summary>Clients of all kinds send requests while workers are replaced; no request may fail.</summary>
internal sealed class WebLoadTests
{
    [TestCase(3, 1, 500, Category = "Aot,Long")]
    [TestCase(3, 10, 10_000, Category = "Long")]
    [TestCase(3, 10, 100_000, Category = "Native")]
    [TestCase(1, 2, 500, Category = "Long")]
    public async Task Rolling_restart_loses_no_request(int workers, int restarts, int requests)
    {
        await using var web = await WebProgram.StartAsync(workers);
        await using (var load = web.StartLoad())
        {
            for (var i = 1; i <= restarts; i++)
            {
                await load.WaitForAsync(requests / restarts);
                web.App.Signal(Linux.Hangup);
                await web.App.WaitForAsync(i, "event", "Web", workers - 1);
                await web.WaitForReadyAsync(workers, incarnation: i + 1);
            }

            await load.WaitForAsync(requests / restarts);
            await AssertNoFailureAsync(load);
        }

        await web.App.StopAsync();
    }

    [Test]
    [Category("Long")]
    public async Task Changed_number_of_workers_loses_no_request()
    {
        await using var web = await WebProgram.StartAsync(4);
        await using (var load = web.StartLoad())
        {
            foreach (var workers in (int[])[1, 8, 3])
            {
                await load.WaitForAsync(200);
                new Settings(web.App.Directory).Write(WebProgram.Text(workers));
                await UntilWorkersAsync(web, workers);
            }

            await load.WaitForAsync(200);
            await AssertNoFailureAsync(load);
        }

        await web.App.StopAsync();
    }

    [Test]
    [Category("Long")]
    public async Task Worker_that_reaches_MaxRequests_is_replaced_without_a_lost_request()
    {
        await using var web = await WebProgram.StartAsync(2, "--Cotyledon:Web:MaxRequests", "300");
        await using (var load = web.StartLoad())
        {
            await web.WaitForReadyAsync(2, incarnation: 3);
            await AssertNoFailureAsync(load);
        }

        await web.App.StopAsync();
    }

    [Test]
    [Category("Long")]
    public async Task Worker_that_reaches_MaxMemory_is_replaced_without_a_lost_request()
    {
        await using var web = await WebProgram.StartAsync(2, "--Cotyledon:Services:Web:MaxMemory", "1M");
        await using (var load = web.StartLoad())
        {
            await web.WaitForReadyAsync(2, incarnation: 3);
            await AssertNoFailureAsync(load);
        }

        await web.App.StopAsync();
    }

    [TestCase(3, 3, Category = "Aot")]
    [TestCase(3, 100, Category = "Native")]
    public async Task Killed_worker_fails_only_its_own_connections(int workers, int kills)
    {
        await using var web = await WebProgram.StartAsync(workers, "--Cotyledon:Services:Web:StableAfter", "0s");
        await using (var load = web.StartLoad(ClientKind.Raw, ClientKind.RawWithoutReuse))
        {
            for (var i = 0; i < kills; i++)
            {
                await load.WaitForAsync(50);
                Linux.Send(await web.App.WaitForReadyAsync("Web", i % workers, 1 + (i / workers)), Linux.Kill);
                await web.App.WaitForReadyAsync("Web", i % workers, 2 + (i / workers));
            }

            await load.WaitForAsync(50);
            await load.DisposeAsync();

            // Each of the eight clients has at most one connection to the killed worker.
            Assert.That(load.Failures, Has.Count.LessThanOrEqualTo(8 * kills));
            Assert.That(load.Failures, Has.None.Contains("refused"));
        }

        await web.App.StopAsync();
    }

    [TestCase(1_000, 20, Category = "Long")]
    [TestCase(100_000, 100, Category = "Native")]
    public async Task Descriptors_do_not_grow_with_connections_and_replacements(int connections, int replacements)
    {
        await using var web = await WebProgram.StartAsync(2, "--Cotyledon:Services:Web:StableAfter", "0s");
        await web.GetAsync("/who");
        var before = Linux.OpenedDescriptorsOf(web.App.ProcessId);
        await using (var load = web.StartLoad(maxThinkTime: TimeSpan.Zero, ClientKind.RawWithoutReuse))
        {
            for (var i = 0; i < replacements; i++)
            {
                await load.WaitForAsync(connections / replacements);
                Linux.Send(await web.App.WaitForReadyAsync("Web", i % 2, 1 + (i / 2)), Linux.Kill);
                await web.App.WaitForReadyAsync("Web", i % 2, 2 + (i / 2));
            }
        }

        await web.App.UntilAsync(() => Linux.OpenedDescriptorsOf(web.App.ProcessId) <= before + 8, $"about {before} descriptors of the master");
        await web.App.StopAsync();
    }

    [Test]
    [Category("Long")]
    public async Task Spare_worker_serves_in_place_of_a_killed_one()
    {
        await using var web = await WebProgram.StartAsync(1, "--Cotyledon:SpareWorkers", "1", "--Cotyledon:Services:Web:StableAfter", "0s");
        await using (var load = web.StartLoad(ClientKind.RawWithoutReuse))
        {
            for (var incarnation = 1; incarnation <= 5; incarnation++)
            {
                await load.WaitForAsync(50);
                var worker = await web.App.WaitForReadyAsync("Web", 0, incarnation);
                var spare = 0;
                await web.App.UntilAsync(
                    () => (spare = Linux.ChildrenOf(web.App.ProcessId).FirstOrDefault(c => c != worker && Linux.TitleOf(c).Contains("spare"))) > 0, "a spare worker");
                Linux.Send(worker, Linux.Kill);
                Assert.That(await web.App.WaitForReadyAsync("Web", 0, incarnation + 1), Is.EqualTo(spare));
            }

            await load.WaitForAsync(50);
            await load.DisposeAsync();
            Assert.That(load.Failures, Has.None.Contains("refused"));
            Assert.That(load.Failures, Has.Count.LessThanOrEqualTo(5 * 4), "one for each client and kill");
        }

        await web.App.StopAsync();
    }

    [Test]
    public async Task Connections_wait_while_the_only_worker_is_restarted()
    {
        await using var web = await WebProgram.StartAsync(1);
        Linux.Send(await web.App.WaitForReadyAsync("Web", 0), Linux.Kill);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => web.GetAsync("/who")));
        Assert.That(answers.Select(WebProgram.ProcessOf).Distinct().Single(), Is.EqualTo(await web.App.WaitForReadyAsync("Web", 0, 2)));
        await web.App.StopAsync();
    }

    private static async Task UntilWorkersAsync(WebProgram web, int workers) =>
        await web.App.UntilStatusAsync("Web", status => status.StartsWith($"{workers}/{workers} ", StringComparison.Ordinal)
            && status.Split(' ').Count(s => s.EndsWith("=Ready", StringComparison.Ordinal)) == workers);

    private static async Task AssertNoFailureAsync(Load load)
    {
        await load.DisposeAsync();
        TestContext.Out.WriteLine($"{load.Answers} answers, {load.Failures.Count} failures");
        Assert.That(load.Failures, Is.Empty);
    }
}
