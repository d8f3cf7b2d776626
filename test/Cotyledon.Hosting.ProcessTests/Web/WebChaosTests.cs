using Cotyledon.Hosting.Web.Tests;

namespace Cotyledon.Hosting.ProcessTests.Web;

/// <summary>Random faults of workers while clients send requests: each answer is right, and only requests on connections of killed workers fail.</summary>
[Category("Long")]
internal sealed class WebChaosTests
{
    private const int Steps = 40;
    private const int KindsOfClients = 4;
    private const int ClientsOfEachKind = 4;

    [TestCase(1)]
    [TestCase(null)]
    public async Task Only_connections_of_killed_workers_fail(int? fixedSeed)
    {
        var seed = fixedSeed ?? Environment.TickCount;
        var random = new Random(seed);
        TestContext.Out.WriteLine($"seed {seed}");
        string[] limit = random.Next(2) == 0 ? ["--Cotyledon:Web:MaxRequests", "500"] : [];
        await using var web = await WebProgram.StartAsync(
            3, ["--Cotyledon:Services:Web:StableAfter", "0s", "--Cotyledon:SpareWorkers", $"{random.Next(2)}", .. limit]);
        var file = new Settings(web.App.Directory);
        var (kills, value, before) = (0, 1, 0);
        await using (var load = web.StartLoad(ClientKind.Raw, ClientKind.RawWithoutReuse, ClientKind.RawWithDelay, ClientKind.Post))
        {
            for (var step = 0; step < Steps; step++)
            {
                var child = Linux.ChildrenOf(web.App.ProcessId) is { Count: > 0 } all ? all[random.Next(all.Count)] : 0;
                switch (random.Next(7))
                {
                    case 0 or 1 when child > 0:
                        kills++;
                        Linux.Send(child, Linux.Kill);
                        break;
                    case 2 when child > 0:
                        Linux.Send(child, Linux.Stop);
                        await Task.Delay(random.Next(500));
                        Linux.Send(child, Linux.Continue);
                        break;
                    case 3:
                        web.App.Signal(Linux.Hangup);
                        break;
                    case 4 when child > 0:
                        Linux.Send(child, Linux.Terminate);
                        break;
                    case 5:
                        file.Replace(WebProgram.Text(random.Next(1, 6), $"{value}"));
                        break;
                    default:
                        file.Replace(WebProgram.Text(3, $"{++value}"));
                        break;
                }

                await Task.Delay(random.Next(300));
                if (step == Steps / 2)
                {
                    await SettleAsync(web, file, value, load);
                    before = Linux.DescriptorsOf(web.App.ProcessId);
                }
            }

            await SettleAsync(web, file, value, load);
            await load.DisposeAsync();
            TestContext.Out.WriteLine($"{load.Answers} answers, {kills} kills, {load.Failures.Count} failures");
            Assert.That(load.Failures, Has.None.Contains("refused"));
            Assert.That(load.Failures, Has.None.Contains("answer to"), "wrong answers");
            Assert.That(load.Failures, Has.Count.LessThanOrEqualTo(KindsOfClients * ClientsOfEachKind * kills));
        }

        // The load has at most one connection that waits for each client.
        await web.App.UntilAsync(
            () => Linux.DescriptorsOf(web.App.ProcessId) <= before + (KindsOfClients * ClientsOfEachKind), $"about {before} descriptors of the master");
        await web.App.StopAsync();
    }

    /// <summary>Waits until three workers are ready and requests are answered.</summary>
    private static async Task SettleAsync(WebProgram web, Settings file, int value, Load load)
    {
        file.Replace(WebProgram.Text(3, $"{value}"));
        await web.App.UntilStatusAsync("Web", status => status == "3/3 0=Ready 1=Ready 2=Ready");
        await load.WaitForAsync(100);
    }
}
