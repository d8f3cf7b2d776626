using System.Diagnostics.Metrics;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Queues.Extensibility;
using Cotyledon.Hosting.Queues.Observability;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Moq;

namespace Cotyledon.Hosting.Queues.Tests.Observability;

/// <summary>The health and the metrics of queues.</summary>
internal sealed class QueueObservabilityTests
{
    private readonly Mock<IQueueStore> _store = new();
    private IHost _host = null!;

    [SetUp]
    public void SetUp()
    {
        var factory = new Mock<IQueueStoreFactory>();
        factory.Setup(f => f.Provider).Returns("Fake");
        factory.Setup(f => f.Create(It.IsAny<string>(), It.IsAny<CotyledonQueueOptions>())).Returns(_store.Object);
        _store.SetReturnsDefault(Task.CompletedTask);
        _store.Setup(s => s.CountDeadAsync(It.IsAny<CancellationToken>())).ReturnsAsync(0);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton(factory.Object);
        builder.Services.AddCotyledonQueue<int>("numbers").Configure(options => options.Provider = "Fake");
        _host = builder.Build();
    }

    [TearDown]
    public async Task TearDown()
    {
        await ((IAsyncDisposable)_host).DisposeAsync();
        _store.Verify(s => s.DisposeAsync(), Times.AtMostOnce);
    }

    [Test]
    public async Task A_health_issue_of_the_store_is_reported_for_its_queue()
    {
        var source = _host.Services.GetRequiredService<IHealthIssueSource>();
        Assert.That(source.HealthIssues, Is.Empty, "no queue is open yet");
        await _host.StartAsync();
        Assert.That(source.HealthIssues, Is.Empty);
        _store.Setup(s => s.HealthIssue).Returns("no server answers");

        Assert.That(
            source.HealthIssues.Single(),
            Is.EqualTo(new HealthIssue { Key = "Queues:numbers", Subject = "queue 'numbers'", Problem = "no server answers" }));
    }

    [Test]
    public async Task All_metrics_have_the_name_of_their_queue()
    {
        await _host.StartAsync();
        var queue = _host.Services.GetRequiredService<ICotyledonQueue<int>>();
        await queue.EnqueueRangeAsync([1, 2, 3]);
        _store.Setup(s => s.Count).Returns(3);
        _store.Setup(s => s.CountDeadAsync(It.IsAny<CancellationToken>())).ReturnsAsync(5);
        var broker = _host.Services.GetRequiredService<QueueRegistry>().Broker("numbers");
        var consumer = broker.Connect(Mock.Of<IDeliverySink>(s => s.Room == long.MaxValue));
        broker.Grant(consumer, 3);
        broker.Add([new QueueItem(1, default), new QueueItem(2, default)]);
        broker.Settle(consumer, 1, Settlement.Complete, TimeSpan.Zero);
        broker.Settle(consumer, 2, Settlement.Abandon, TimeSpan.Zero);
        broker.Pump();

        Assert.That(Read(), Is.EqualTo("completed 1, dead 5, depth 2, enqueued 3, redelivered 1, taken 1"));
    }

    [Test]
    public void The_store_of_a_queue_that_is_not_open_is_not_queried()
    {
        _ = new QueueMeter(_host.Services.GetRequiredService<QueueRegistry>(), _host.Services.GetRequiredService<IMeterFactory>());
        _host.Services.GetRequiredService<QueueRegistry>().Broker("numbers");

        Assert.That(Read(), Is.EqualTo("completed 0, depth 0, enqueued 0, redelivered 0, taken 0"));
        _store.Verify(s => s.CountDeadAsync(It.IsAny<CancellationToken>()), Times.Never);
    }

    /// <summary>A store in NATS has a <see cref="IQueueStore.Count"/> of 0, because the server has the items of all machines.</summary>
    [Test]
    public async Task The_depth_of_a_store_on_a_server_is_the_answer_of_the_server()
    {
        var answer = new TaskCompletionSource<long>();
        _store.Setup(s => s.CountAsync(It.IsAny<CancellationToken>())).Returns(answer.Task);
        await _host.StartAsync();
        var broker = _host.Services.GetRequiredService<QueueRegistry>().Broker("numbers");
        broker.Grant(broker.Connect(Mock.Of<IDeliverySink>(s => s.Room == long.MaxValue)), 1);
        broker.Add([new QueueItem(1, default)]);

        Assert.That(Read(), Is.EqualTo("completed 0, dead 0, enqueued 0, redelivered 0, taken 1"), "not known yet");
        answer.SetResult(7);
        Assert.That(Read(), Is.EqualTo("completed 0, dead 0, depth 6, enqueued 0, redelivered 0, taken 1"));
        _store.Verify(s => s.CountDeadAsync(It.IsAny<CancellationToken>()), Times.Exactly(2), "one query for each collection");
    }

    [Test]
    public void The_dead_count_is_the_last_answer_of_the_store_and_does_not_wait_for_the_next()
    {
        var answers = new Queue<TaskCompletionSource<long>>([new(), new(), new(), new()]);
        var queries = new List<TaskCompletionSource<long>>();
        _store.Setup(s => s.CountDeadAsync(It.IsAny<CancellationToken>())).Returns(() =>
        {
            queries.Add(answers.Dequeue());
            return queries[^1].Task;
        });
        var dead = new LastCount(_store.Object.CountDeadAsync);

        Assert.That((dead.GetLast(), dead.GetLast(), queries.Count), Is.EqualTo(((long?)null, (long?)null, 1)), "one query at a time");
        queries[0].SetResult(4);
        Assert.That((dead.GetLast(), queries.Count), Is.EqualTo(((long?)4, 2)));
        queries[1].SetException(new QueueException("away"));
        Assert.That((dead.GetLast(), queries.Count), Is.EqualTo(((long?)4, 3)));
        queries[2].SetResult(6);
        Assert.That(dead.GetLast(), Is.EqualTo(6));
    }

    [Test]
    public void The_dead_count_is_available_at_once_if_the_store_answers_synchronously()
    {
        _store.Setup(s => s.CountDeadAsync(It.IsAny<CancellationToken>())).ReturnsAsync(2);

        Assert.That(new LastCount(_store.Object.CountDeadAsync).GetLast(), Is.EqualTo(2));
    }

    private string Read()
    {
        var values = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Scope == _host.Services.GetRequiredService<IMeterFactory>()
                    && instrument.Name.StartsWith("cotyledon.queue.", StringComparison.Ordinal))
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            Assert.That(tags.ToArray(), Is.EqualTo(new[] { new KeyValuePair<string, object?>("cotyledon.queue", "numbers") }));
            values.Add($"{instrument.Name.Split('.')[2]} {value}");
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return string.Join(", ", values.Order(StringComparer.Ordinal));
    }
}
