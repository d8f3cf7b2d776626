using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Queues.Tests;

/// <summary>A queue through its public interface, in the process of the master.</summary>
internal sealed class CotyledonQueueTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly HostApplicationBuilder _builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
    private IHost? _host;

    [TearDown]
    public async Task DisposeAsync()
    {
        if (_host is IAsyncDisposable host)
        {
            await host.DisposeAsync();
        }

        _host?.Dispose();
    }

    [Test]
    public async Task Typed_items_are_serialized_as_JSON_and_bytes_are_kept_unchanged()
    {
        _builder.Services.AddCotyledonQueue<Sample>("samples");
        _builder.Services.AddCotyledonQueue<ReadOnlyMemory<byte>>("bytes");
        var samples = Queue<Sample>();
        var bytes = Queue<ReadOnlyMemory<byte>>();
        await samples.EnqueueAsync(new("cpu", 0.5));
        await bytes.EnqueueAsync(Encoding.UTF8.GetBytes("not JSON"));

        Assert.That((await TakeAsync(samples)).Item, Is.EqualTo(new Sample("cpu", 0.5)));
        Assert.That(Encoding.UTF8.GetString((await TakeAsync(bytes)).Item.Span), Is.EqualTo("not JSON"));
        Assert.That((samples.Name, bytes.Name), Is.EqualTo(("samples", "bytes")));
    }

    [Test]
    public async Task An_exception_in_the_read_loop_returns_the_item_to_the_queue()
    {
        _builder.Services.AddCotyledonQueue<int>("numbers");
        var queue = Queue<int>();
        await queue.EnqueueAsync(7);
        Assert.That(
            async () =>
            {
                await foreach (var delivery in queue.ReadAllAsync())
                {
                    throw new InvalidOperationException($"item {delivery.Item}");
                }
            },
            Throws.InvalidOperationException);

        var again = await TakeAsync(queue);
        Assert.That((again.Item, again.Attempt), Is.EqualTo((7, 2)));
    }

    /// <summary>Two concurrent first readers once created a connection each, and only one of them received items.</summary>
    [Test]
    public async Task Concurrent_first_readers_both_receive_items()
    {
        const int queues = 200;
        for (var i = 0; i < queues; i++)
        {
            _builder.Services.AddCotyledonQueue<int>($"numbers{i}");
        }

        _host = _builder.Build();
        using var together = new Barrier(2);
        for (var i = 0; i < queues; i++)
        {
            var queue = _host.Services.GetRequiredKeyedService<ICotyledonQueue<int>>($"numbers{i}");
            var readers = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    together.SignalAndWait();
                    return TakeAsync(queue);
                },
                TaskCreationOptions.LongRunning).Unwrap()).ToArray();
            await queue.EnqueueRangeAsync([1, 2]);
            Assert.That((await Task.WhenAll(readers)).Select(d => d.Item), Is.EquivalentTo(new[] { 1, 2 }));
        }
    }

    [Test]
    public async Task Only_the_first_settlement_takes_effect()
    {
        _builder.Services.AddCotyledonQueue<int>("numbers");
        var queue = Queue<int>();
        await queue.EnqueueRangeAsync([1, 2]);
        var first = await TakeAsync(queue);
        await first.CompleteAsync();
        await first.AbandonAsync();
        await first.DisposeAsync();
        await using (await TakeAsync(queue))
        {
            // Not completed: the item returns to the queue.
        }

        Assert.That(await queue.GetStatisticsAsync(), Is.EqualTo(Statistics.Of(1, 0, 1, 0, 0)));
    }

    [Test]
    public async Task Delay_that_is_too_long_is_rejected_and_the_delivery_is_not_settled()
    {
        _builder.Services.AddCotyledonQueue<int>("numbers");
        var queue = Queue<int>();
        await queue.EnqueueAsync(1);
        var delivery = await TakeAsync(queue);

        Assert.That(
            async () => await delivery.AbandonAsync(TimeSpan.FromDays(30) + TimeSpan.FromTicks(1)),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("a delay from zero to 30 days"));
        Assert.That(async () => await delivery.AbandonAsync(TimeSpan.MaxValue), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(async () => await delivery.AbandonAsync(Timeout.InfiniteTimeSpan), Throws.TypeOf<ArgumentOutOfRangeException>());
        await delivery.AbandonAsync(TimeSpan.FromDays(30));
        Assert.That(await queue.GetStatisticsAsync(), Is.EqualTo(Statistics.Of(1, 0, 0, 0, 0)));
    }

    [TestCase("""{ "Meter": 5 }""")]
    [TestCase("""{ "Meter": "cpu", "Value": -1 }""", Description = "the constructor throws an exception that is not of the serializer")]
    public async Task An_item_that_cannot_be_deserialized_is_dead_at_once_and_does_not_stop_the_reader(string body)
    {
        _builder.Services.AddCotyledonQueue<Sample>("samples");
        var queue = Queue<Sample>();
        var broker = _host!.Services.GetRequiredService<Queues.Delivery.QueueRegistry>().Broker("samples");
        await broker.EnqueueAsync([Encoding.UTF8.GetBytes(body)], default);
        await queue.EnqueueAsync(new Sample("cpu", 1));

        Assert.That((await TakeAsync(queue)).Item.Meter, Is.EqualTo("cpu"));
        var dead = (await queue.GetDeadAsync()).Single();
        Assert.That((dead.Item, Encoding.UTF8.GetString(dead.Body.Span)), Is.EqualTo(((Sample?)null, body)));
    }

    [Test]
    public async Task Null_is_no_item()
    {
        _builder.Services.AddCotyledonQueue<Sample>("samples");
        var queue = Queue<Sample>();
        Assert.That(() => queue.EnqueueAsync(null!), Throws.ArgumentNullException);
        Assert.That(() => queue.EnqueueRangeAsync([new Sample("meter", 1), null!]), Throws.ArgumentNullException);

        await _host!.Services.GetRequiredService<Queues.Delivery.QueueRegistry>().Broker("samples")
            .EnqueueAsync([Encoding.UTF8.GetBytes("null")], CancellationToken.None);
        await queue.EnqueueAsync(new Sample("meter", 2));

        Assert.That((await TakeAsync(queue)).Item, Is.EqualTo(new Sample("meter", 2)));
        Assert.That((await queue.GetDeadAsync()).Single().Item, Is.Null);
    }

    [Test]
    public async Task Dead_items_are_listed_in_pages()
    {
        _builder.Services.AddCotyledonQueue<Sample>("samples");
        var queue = Queue<Sample>();
        var broker = _host!.Services.GetRequiredService<Queues.Delivery.QueueRegistry>().Broker("samples");
        await broker.EnqueueAsync([.. Enumerable.Repeat<ReadOnlyMemory<byte>>("not readable"u8.ToArray(), 3)], default);
        await queue.EnqueueAsync(new Sample("cpu", 1));
        await TakeAsync(queue);

        Assert.That((await queue.GetDeadAsync(max: 2)).Select(d => d.Id), Is.EqualTo(new[] { 1, 2 }));
        Assert.That((await queue.GetDeadAsync(max: 2, after: 2)).Select(d => d.Id), Is.EqualTo(new[] { 3 }));
        Assert.That(await queue.GetDeadAsync(after: 3), Is.Empty);
        Assert.That(() => queue.GetDeadAsync(after: -1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public async Task An_item_that_is_too_large_rejects_all_items_of_its_call()
    {
        _builder.Services.AddCotyledonQueue<string>("texts").Configure(options => options.MaxItemSize = 10);
        var queue = Queue<string>();

        Assert.That(
            async () => await queue.EnqueueRangeAsync(["short", "much too long"]),
            Throws.ArgumentException.With.Message.Contains(
                "'texts' has 15 bytes; 10 are allowed. Increase Cotyledon:Queues:texts:MaxItemSize"));
        Assert.That((await queue.GetStatisticsAsync()).Waiting, Is.Zero);
    }

    [Test]
    public async Task Several_readers_of_a_process_share_the_items()
    {
        _builder.Services.AddCotyledonQueue<int>("numbers");
        var queue = Queue<int>();
        var taken = new System.Collections.Concurrent.ConcurrentBag<int>();
        using var stopping = new CancellationTokenSource(Limit);
        var readers = Enumerable.Range(0, 4).Select(async _ =>
        {
            await foreach (var delivery in queue.ReadAllAsync(stopping.Token))
            {
                taken.Add(delivery.Item);
                await delivery.CompleteAsync();
                if (taken.Count == 2000)
                {
                    await stopping.CancelAsync();
                }
            }
        }).ToList();
        await queue.EnqueueRangeAsync([.. Enumerable.Range(0, 2000)]);

        foreach (var reader in readers)
        {
            Assert.That(async () => await reader, Throws.InstanceOf<OperationCanceledException>());
        }

        Assert.That(taken, Is.EquivalentTo(Enumerable.Range(0, 2000)));
    }

    [Test]
    public void Several_queues_of_one_type_are_resolved_by_name()
    {
        _builder.Services.AddCotyledonQueue<int>("small");
        _builder.Services.AddCotyledonQueue<int>("large");

        Assert.That(
            () => Queue<int>(),
            Throws.InvalidOperationException.With.Message.StartsWith(
                "Several queues of Int32 are registered: small, large. Select one by its name"));
        Assert.That(_host!.Services.GetRequiredKeyedService<ICotyledonQueue<int>>("large").Name, Is.EqualTo("large"));
    }

    [TestCase("")]
    [TestCase("a:b")]
    [TestCase("a/b")]
    [TestCase("SAMPLES")]
    public void An_invalid_or_duplicate_name_is_rejected(string name)
    {
        _builder.Services.AddCotyledonQueue<int>("samples");

        Assert.That(() => _builder.Services.AddCotyledonQueue<int>(name), Throws.ArgumentException);
    }

    [Test]
    public void The_configuration_overrides_code_and_its_errors_name_the_key()
    {
        _builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Cotyledon:Queues:numbers:MaxAttempts"] = "7",
            ["Cotyledon:Queues:wrong:LeaseTimeout"] = "60",
            ["Cotyledon:Queues:wrong:MaxPrefetch"] = "0",
            ["Cotyledon:Queues:wrong:MaxDead"] = "0",
            ["Cotyledon:Queues:wrong:Provider"] = "Paper",
        });
        _builder.Services.AddCotyledonQueue<int>("numbers").Configure(options => options.MaxAttempts = 3);
        _builder.Services.AddCotyledonQueue<int>("wrong");
        _host = _builder.Build();
        var options = _host.Services.GetRequiredService<IOptionsMonitor<CotyledonQueueOptions>>();

        Assert.That(options.Get("numbers").MaxAttempts, Is.EqualTo(7));
        Assert.That(() => options.Get("wrong"), Throws.TypeOf<OptionsValidationException>().With.Message.Contains(
            "Cotyledon:Queues:wrong:LeaseTimeout is '60'").And.Message.Contains("Cotyledon:Queues:wrong:MaxPrefetch is 0")
            .And.Message.Contains("Cotyledon:Queues:wrong:Provider is 'Paper'").And.Message.Contains("one of Memory, File.")
            .And.Message.Contains("Cotyledon:Queues:wrong:MaxDead is 0; it must be 1 or more"));
    }

    [Test]
    public void Provider_Nats_without_its_package_is_rejected_with_the_package_and_the_call()
    {
        _builder.Services.AddCotyledonQueue<int>("numbers").Configure(options => options.Provider = "nats");
        _host = _builder.Build();

        Assert.That(
            () => _host.Services.GetRequiredService<IOptionsMonitor<CotyledonQueueOptions>>().Get("numbers"),
            Throws.TypeOf<OptionsValidationException>().With.Message.EqualTo(
                "Cotyledon:Queues:numbers:Provider is 'nats'; it must be one of Memory, File, because Nats is not registered: add the "
                + "package Cotyledon.Hosting.Queues.Nats and call builder.Services.AddCotyledonNatsQueues()."));
    }

    private ICotyledonQueue<T> Queue<T>()
        where T : notnull => (_host ??= _builder.Build()).Services.GetRequiredService<ICotyledonQueue<T>>();

    private static async Task<QueueDelivery<T>> TakeAsync<T>(ICotyledonQueue<T> queue)
        where T : notnull
    {
        using var limit = new CancellationTokenSource(Limit);
        var items = queue.ReadAllAsync(limit.Token).GetAsyncEnumerator();
        Assert.That(await items.MoveNextAsync());
        return items.Current;
    }

    internal sealed record Sample(string Meter, double Value)
    {
        public double Value { get; } = Value >= 0 ? Value : throw new ArgumentOutOfRangeException(nameof(Value));
    }
}
