using Cotyledon.Hosting.Queues.Nats.Tests;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>A queue in three NATS servers, and two programs that stand for two machines.</summary>
[Category("Long")]
public class NatsQueueTests
{
    [Test, Category("Guarantee 11")]
    public async Task Accepted_items_are_completed_although_workers_a_master_and_a_server_are_killed()
    {
        const int items = 100_000;
        var servers = await NatsServer.StartClusterAsync();
        var url = string.Join(',', servers.Select(s => s.Url));
        try
        {
            await using var machine = Start(url, "--FirstId=0");
            await using var other = Start(url, "--FirstId=0");
            foreach (var app in new[] { machine, other })
            {
                await app.WaitForReadyAsync("consumer", 3);
            }

            machine.Command($"enqueue {items / 2}");
            var random = new Random(8);
            for (var kills = 0; kills < 10; kills++)
            {
                await Task.Delay(100);
                QueueTests.KillAnyConsumer(kills % 2 == 0 ? machine : other, random);
            }

            servers[random.Next(servers.Length)].Kill();
            machine.Command($"enqueue {items / 2}");

            // The remaining servers must elect leaders first.
            await machine.UntilAsync(
                () => machine.Trace.Count(t => t.Is("accepted")) >= items / QueueTests.Part, "all to be accepted", TimeSpan.FromMinutes(2));
            machine.Signal(Linux.Kill);
            await machine.UntilGoneAsync(TimeSpan.FromSeconds(10));

            // The servers redeliver the items of the killed master to the other program after a wait.
            var accepted = QueueTests.Accepted(machine).ToList();
            await other.UntilAsync(
                () => accepted.Except([.. QueueTests.Done(machine).Concat(QueueTests.Done(other)).Select(d => d.Id)]).Any() == false,
                "all accepted items to be completed",
                TimeSpan.FromMinutes(2));
            Assert.That(accepted, Has.Count.EqualTo(items));
            await other.StopAsync();
        }
        finally
        {
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }

    private static TestProgram Start(string url, params string[] arguments) => QueueTests.Start(
        consumers: 4,
        [
            "--Cotyledon:Queues:work:Provider=Nats",
            $"--Cotyledon:Queues:work:Url={url}",
            "--Cotyledon:Services:consumer:RestartBackoff=00:00:00.01",
            "--Cotyledon:Services:consumer:MaxRestartBackoff=00:00:00.05",
            .. arguments,
        ]);
}
