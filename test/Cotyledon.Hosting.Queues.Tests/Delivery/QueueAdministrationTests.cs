using System.Text;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Queues.Delivery;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Queues.Tests.Delivery;

/// <summary>The administration of queues without the type of their items.</summary>
internal sealed class QueueAdministrationTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly string _directory = Directory.CreateTempSubdirectory("cotyledon-queue-").FullName;
    private ServiceProvider _provider = null!;

    [SetUp]
    public void SetUp()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddCotyledonQueue<string>("notes").Configure(o => o.MaxAttempts = 1);
        builder.Services.AddCotyledonQueue<ReadOnlyMemory<byte>>("samples").Configure(o =>
            (o.Provider, o.Path, o.MaxAttempts) = ("FILE", Path.Combine(_directory, "samples.db"), 1));
        _provider = builder.Services.BuildServiceProvider();
    }

    [TearDown]
    public async Task TearDown()
    {
        await _provider.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public void Each_queue_has_an_administration_with_its_name_and_store() => Assert.That(
        _provider.GetServices<IQueueAdministration>().Select(a => (a.Name, a.Store)),
        Is.EqualTo(new[] { ("notes", "memory"), ("samples", "file") }));

    [TestCase("notes")]
    [TestCase("samples")]
    public async Task Dead_items_are_counted_listed_retried_and_deleted(string name)
    {
        using var limit = new CancellationTokenSource(Limit);
        var administration = _provider.GetServices<IQueueAdministration>().Single(a => a.Name == name);
        await AddDeadAsync(name, [.. Enumerable.Range(1, 3).Select(i => Encoding.UTF8.GetBytes($"item {i}"))], limit.Token);

        Assert.That(await administration.GetDepthAsync(limit.Token), Is.EqualTo(
            new QueueDepth { Waiting = 0, Taken = 0, Completed = 0, Redelivered = 0, Dead = 3 }));
        var dead = await administration.GetDeadAsync(2, limit.Token);
        Assert.That(
            dead.Select(d => (d.Id, d.Attempts, Encoding.UTF8.GetString(d.Body.Span))),
            Is.EqualTo(new[] { (1, 1, "item 1"), (2, 1, "item 2") }));

        Assert.That(await administration.DeleteDeadAsync([1, 99], limit.Token), Is.EqualTo(1));
        Assert.That(await administration.RetryDeadAsync([2, 1], limit.Token), Is.EqualTo(1));
        var depth = await administration.GetDepthAsync(limit.Token);
        Assert.That((depth.Waiting, depth.Dead), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task List_of_dead_items_ends_before_their_bodies_use_too_much_memory()
    {
        using var limit = new CancellationTokenSource(Limit);
        var administration = _provider.GetServices<IQueueAdministration>().Single(a => a.Name == "notes");
        await AddDeadAsync("notes", [.. Enumerable.Range(0, 30).Select(_ => new byte[1_000_000])], limit.Token);

        Assert.That((await administration.GetDeadAsync(100, limit.Token)).Count, Is.InRange(16, 18));
        Assert.That(() => administration.GetDeadAsync(0, limit.Token), Throws.InstanceOf<ArgumentException>());
    }

    /// <summary>Adds items and marks all of them dead.</summary>
    private async Task AddDeadAsync(string name, byte[][] bodies, CancellationToken cancellationToken)
    {
        var broker = _provider.GetRequiredService<QueueRegistry>().Broker(name);
        var port = new LocalPort(broker);
        await port.EnqueueAsync([.. bodies.Select(b => new ReadOnlyMemory<byte>(b))], cancellationToken);
        var reader = new QueueReader(port, bodies.Length, TimeProvider.System);
        reader.Begin();
        for (var i = 0; i < bodies.Length; i++)
        {
            var arrival = await reader.TakeAsync(default, cancellationToken);
            reader.Settle(arrival.Id, Settlement.MarkDead, TimeSpan.Zero);
        }

        reader.End();
        while ((await broker.GetStatisticsAsync(cancellationToken)) is not { Waiting: 0, Taken: 0 })
        {
            await Task.Yield();
        }
    }
}
