using Cotyledon.Hosting.Shared;
using Cotyledon.Hosting.Queues.Extensibility;
using Microsoft.Extensions.DependencyInjection;

namespace Cotyledon.Hosting.Queues.Nats.Tests;

/// <summary>Tests that need no server.</summary>
internal sealed class NamesTests
{
    [TestCase("samples", "cotyledon-samples", "cotyledon.queue.samples")]
    [TestCase("My_queue-2", "cotyledon-My_queue-2", "cotyledon.queue.My_queue-2")]
    [TestCase("a.b c", "cotyledon-a=2Eb=20c", "cotyledon.queue.a=2Eb=20c")]
    [TestCase("a=2Eb", "cotyledon-a=3D2Eb", "cotyledon.queue.a=3D2Eb")]
    [TestCase("ä", "cotyledon-=C3=A4", "cotyledon.queue.=C3=A4")]
    public void Characters_that_NATS_forbids_in_names_are_escaped(string queue, string stream, string subject)
    {
        var names = new NatsNames(queue);
        Assert.That((names.Stream, names.Subject), Is.EqualTo((stream, subject)));
    }

    [TestCase("a", "a-dead")]
    [TestCase("a", "a=dead")]
    [TestCase("a", "a.dead")]
    public void Dead_items_of_a_queue_are_not_the_items_of_another(string queue, string other) =>
        Assert.That(new NatsNames(other).Stream, Is.Not.EqualTo(new NatsNames(queue).DeadStream).IgnoreCase);

    [TestCase("nats://127.0.0.1:4222", null)]
    [TestCase("127.0.0.1:4222, tls://me:secret@b.example", null)]
    [TestCase(null, "Url is missing")]
    [TestCase(" ", "Url is missing")]
    [TestCase("http://127.0.0.1", "Url: 'http://127.0.0.1' is not")]
    [TestCase("nats://a,,nats://b", "Url: '' is not")]
    public void The_url_is_required_and_validated(string? url, string? problem)
    {
        Assert.That(
            Factory().Check("samples", new CotyledonQueueOptions { Url = url }),
            problem is null ? Is.Null : Does.StartWith(problem));
    }

    [TestCase("q", 100, null)]
    [TestCase("ж", 40, null)]
    [TestCase("ж", 41, "The name of the queue is too long: the name of a stream would have 261 characters")]
    public void Name_that_is_too_long_for_the_server_is_an_error(string letter, int count, string? problem)
    {
        var queue = string.Concat(Enumerable.Repeat(letter, count));
        Assert.That(
            Factory().Check(queue, new CotyledonQueueOptions { Url = "nats://127.0.0.1:4222" }),
            problem is null ? Is.Null : Does.StartWith(problem));
    }

    [Test]
    public void Repeated_registration_adds_one_factory() => Assert.That(
        new ServiceCollection().AddCotyledonNatsQueues().AddCotyledonNatsQueues().Count(d => d.ServiceType == typeof(IQueueStoreFactory)),
        Is.EqualTo(1));

    [Test]
    public void Passwords_are_removed_from_displayed_urls() =>
        Assert.That(NatsServers.Shown("nats://me:secret@a.example:4223,tls://b.example"), Is.EqualTo("nats://a.example:4223, tls://b.example"));

    [Test]
    public async Task A_redelivered_item_is_not_passed_on_twice()
    {
        var options = new CotyledonQueueOptions { Url = "nats://127.0.0.1:1" };
        await using var link = new NatsLink(
            "samples", options, NatsStore.DefaultAckWait, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        await using var held = new HeldItems(link, NatsStore.DefaultAckWait, TimeProvider.System);
        var item = new HeldItem(7, DateTimeOffset.UnixEpoch, "first", 0);

        Assert.That(held.TryHold(item), Is.True);
        Assert.That(held.TryHold(new HeldItem(7, DateTimeOffset.UnixEpoch, "second", 0)), Is.False);
        Assert.That((item.Reply, item.IsStale), Is.EqualTo(("second", false)));

        held.Forget(item);
        Assert.That(held.TryHold(new HeldItem(7, DateTimeOffset.UnixEpoch.AddDays(1), "a recreated stream", 0)), Is.True);
    }

    [Test]
    public async Task An_item_of_a_recreated_stream_waits_for_the_held_item_of_the_same_number_and_is_not_settled_with_it()
    {
        var options = new CotyledonQueueOptions { Url = "nats://127.0.0.1:1" };
        await using var link = new NatsLink(
            "samples", options, NatsStore.DefaultAckWait, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        await using var held = new HeldItems(link, NatsStore.DefaultAckWait, TimeProvider.System);
        var item = new HeldItem(7, DateTimeOffset.UnixEpoch, "first", 0);
        held.TryHold(item);

        Assert.That(held.TryHold(new HeldItem(7, DateTimeOffset.UnixEpoch.AddDays(1), "a recreated stream", 0)), Is.False);
        Assert.That((item.Reply, item.IsStale), Is.EqualTo(("first", true)));

        var settlements = new NatsSettlements(link, held, new NatsPublisher(link), retryDelay: NatsStore.DefaultAckWait);
        settlements.Add(new QueueItem(7, default) { Tag = item }, QueueOutcome.Completed);
        settlements.End();
        await settlements.RunAsync(CancellationToken.None);
        Assert.That(held.TryHold(new HeldItem(7, DateTimeOffset.UnixEpoch.AddDays(1), "delivered again", 0)), Is.True);
    }

    private static NatsStoreFactory Factory() =>
        new(TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
}
