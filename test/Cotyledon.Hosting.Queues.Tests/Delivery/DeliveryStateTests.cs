using System.Runtime.CompilerServices;
using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Queues.Extensibility;

namespace Cotyledon.Hosting.Queues.Tests.Delivery;

/// <summary>The delivery of items to consumers, and the outcome of each item.</summary>
internal sealed class DeliveryStateTests
{
    [Test]
    public void Items_are_delivered_in_order_up_to_the_credit()
    {
        var queue = new DeliveryHarness();
        var a = queue.Connect("a", credit: 2);

        Assert.That(queue.Add(1, 2, 3).Delivered, Is.EqualTo("a1 a2"));
        Assert.That(queue.Settle(a, 1).Delivered, Is.Empty, "its credit is used up");
        Assert.That(queue.Grant(a, 5).Delivered, Is.EqualTo("a3"));
        Assert.That((queue.State.Waiting, queue.State.Taken, queue.State.Completed), Is.EqualTo((0, 2, 1)));
    }

    [Test]
    public void Waiting_items_are_shared_among_consumers_with_credit()
    {
        var queue = new DeliveryHarness();
        queue.Connect("a", credit: 100);
        queue.Connect("b", credit: 100);

        Assert.That(queue.Add(1, 2, 3, 4).Delivered, Is.EqualTo("a1 a2 a4 b3"));
    }

    [Test]
    public void Demand_is_the_credit_beyond_the_waiting_items()
    {
        var queue = new DeliveryHarness();
        queue.Add(1);
        var a = queue.Connect("a");
        Assert.That(queue.State.Demand, Is.Zero);

        queue.Grant(a, 5);
        Assert.That(queue.State.Demand, Is.EqualTo(4));
    }

    [Test]
    public void A_consumer_with_revoked_credit_receives_no_items()
    {
        var queue = new DeliveryHarness();
        var a = queue.Connect("a", credit: 5);
        DeliveryState.Revoke(a);

        Assert.That(queue.Add(1).Delivered, Is.Empty);
    }

    [Test]
    public void An_abandoned_item_is_redelivered_before_later_ones_and_counts_its_attempts()
    {
        var queue = new DeliveryHarness();
        var a = queue.Connect("a", credit: 1);
        queue.Add(1, 2);

        queue.Settle(a, 1, Settlement.Abandon);
        Assert.That(queue.Grant(a, 1).Delivered, Is.EqualTo("a1"));
        Assert.That(queue.Outcomes, Is.EqualTo(new[] { (1L, QueueOutcome.Returned, 1) }));
        Assert.That(queue.State.Redelivered, Is.EqualTo(1));
    }

    [Test]
    public void An_item_with_a_delay_is_not_delivered_before_its_delay_ends()
    {
        var queue = new DeliveryHarness();
        var a = queue.Connect("a", credit: 9);
        queue.Add(1).Settle(a, 1, Settlement.Abandon, delay: 5);
        Assert.That((queue.Delivered, queue.State.NextDeadline), Is.EqualTo(("", TimeSpan.FromSeconds(5))));

        Assert.That(queue.Add(2).Delivered, Is.EqualTo("a2"));
        Assert.That(queue.Pass(4.9).Delivered, Is.Empty);
        Assert.That(queue.Pass(0.1).Delivered, Is.EqualTo("a1"));
    }

    [Test]
    public void A_released_item_does_not_count_an_attempt()
    {
        var queue = new DeliveryHarness(maxAttempts: 1);
        var a = queue.Connect("a", credit: 1);
        queue.Add(1).Settle(a, 1, Settlement.Release);

        Assert.That(queue.Grant(a, 1).Delivered, Is.EqualTo("a1"));
        Assert.That((queue.State.Redelivered, queue.Outcomes.Count), Is.EqualTo((0, 0)));
    }

    [Test]
    public void After_its_last_attempt_an_item_is_dead()
    {
        var queue = new DeliveryHarness(maxAttempts: 2);
        var a = queue.Connect("a", credit: 9);
        queue.Add(1).Settle(a, 1, Settlement.Abandon).Settle(a, 1, Settlement.Abandon);

        Assert.That(queue.Outcomes[^1], Is.EqualTo((1L, QueueOutcome.Dead, 2)));
        Assert.That((queue.State.Waiting, queue.State.Taken), Is.EqualTo((0, 0)));
    }

    [Test]
    public void Items_of_a_disconnected_worker_are_redelivered_one_at_a_time()
    {
        var queue = new DeliveryHarness();
        var a = queue.Connect("a", credit: 3);
        queue.Add(1, 2, 3);
        var b = queue.Connect("b", credit: 9);
        queue.Add(4);
        Assert.That(queue.Delivered, Is.EqualTo("b4"));

        Assert.That(queue.Disconnect(a).Delivered, Is.Empty, "b still holds another item");
        Assert.That(queue.Add(5).Delivered, Is.Empty, "suspect items are delivered before new ones");
        Assert.That(queue.Settle(b, 4).Delivered, Is.EqualTo("b1"));
        Assert.That(queue.Settle(b, 1).Delivered, Is.EqualTo("b2"));
        Assert.That(queue.Settle(b, 2).Delivered, Is.EqualTo("b3"));
        Assert.That(queue.Settle(b, 3).Delivered, Is.EqualTo("b5"));
    }

    [Test]
    public void An_item_that_crashes_its_workers_uses_up_only_its_own_attempts()
    {
        var queue = new DeliveryHarness(maxAttempts: 3);
        queue.Add(1, 2, 3, 4);
        for (var crashes = 0; crashes < 20 && queue.State.Waiting > 0; crashes++)
        {
            // Each worker completes its items in order, and crashes at item 2.
            var worker = queue.Connect("w", credit: 4);
            queue.Run();
            while (worker.Taken.Count > 0 && worker.Taken.Keys.Min() != 2)
            {
                queue.Settle(worker, worker.Taken.Keys.Min());
            }

            queue.Disconnect(worker);
        }

        Assert.That(queue.Outcomes.Where(o => o.Outcome == QueueOutcome.Dead).Select(o => (o.Id, o.Attempts)),
            Is.EqualTo(new[] { (2L, 3) }));
        Assert.That(queue.State.Completed, Is.EqualTo(3));
    }

    [Test]
    public void An_item_with_an_expired_lease_is_redelivered_and_a_late_settlement_has_no_effect()
    {
        var queue = new DeliveryHarness(lease: 10);
        var a = queue.Connect("a", credit: 1);
        var b = queue.Connect("b");
        queue.Add(1).Grant(b, 1);

        Assert.That(queue.Pass(9.9).Delivered, Is.Empty);
        Assert.That(queue.Pass(1).Delivered, Is.EqualTo("b1"));
        Assert.That(queue.Settle(a, 1).State.Completed, Is.Zero);
        Assert.That(queue.Settle(b, 1).State.Completed, Is.EqualTo(1));
        Assert.That(queue.Pass(100).State.NextDeadline, Is.Null);
    }

    [Test]
    public void A_settlement_of_an_unknown_item_has_no_effect()
    {
        var queue = new DeliveryHarness();
        var a = queue.Connect("a", credit: 1);

        Assert.That(() => queue.Settle(a, 17), Throws.Nothing);
        Assert.That(queue.State.Completed, Is.Zero);
    }

    [Test]
    public void An_item_marked_dead_is_dead_at_once()
    {
        var queue = new DeliveryHarness();
        var a = queue.Connect("a", credit: 1);
        queue.Add(1).Settle(a, 1, Settlement.MarkDead);

        Assert.That(queue.Outcomes, Is.EqualTo(new[] { (1L, QueueOutcome.Dead, 1) }));
    }

    /// <summary>After random calls in random order, every item is accounted for, and all items can be completed.</summary>
    [Test]
    public void No_item_is_lost_or_held_twice([Range(1, 30)] int seed)
    {
        var random = new Random(seed);
        var queue = new DeliveryHarness(maxAttempts: random.Next(2) == 0 ? null : 5, lease: random.Next(2) == 0 ? null : 3);
        var consumers = new List<QueueConsumer>();
        var added = 0;
        for (var step = 0; step < 3000; step++)
        {
            switch (random.Next(8))
            {
                case 0:
                    queue.Add([.. Enumerable.Range(1, random.Next(1, 20)).Select(_ => ++added)]);
                    break;
                case 1 when consumers.Count < 6:
                    consumers.Add(queue.Connect("c", random.Next(5)));
                    break;
                case 2 when consumers.Count > 0 && random.Next(5) == 0:
                    var gone = consumers[random.Next(consumers.Count)];
                    consumers.Remove(gone);
                    queue.Disconnect(gone);
                    break;
                case 3 when consumers.Count > 0:
                    queue.Grant(consumers[random.Next(consumers.Count)], random.Next(1, 10));
                    break;
                case 4:
                    queue.Pass(random.NextDouble());
                    break;
                default:
                    if (consumers.Find(c => c.Taken.Count > 0) is { } holder)
                    {
                        queue.Settle(
                            holder,
                            holder.Taken.Keys.ElementAt(random.Next(holder.Taken.Count)),
                            (Settlement)random.Next(1, 5),
                            random.Next(3));
                    }

                    break;
            }

            var held = consumers.SelectMany(c => c.Taken.Keys).ToList();
            Assert.That(held, Is.Unique);
            var ended = queue.Outcomes.Count(o => o.Outcome != QueueOutcome.Returned);
            Assert.That(
                (queue.State.Taken, queue.State.Waiting + queue.State.Delayed + held.Count + ended),
                Is.EqualTo((held.Count, added)),
                $"step {step}");
        }

        Finish(queue, consumers);
        Assert.That(queue.Outcomes.Count(o => o.Outcome != QueueOutcome.Returned), Is.EqualTo(added));
    }

    /// <summary>Completes all items that consumers receive; every item must reach an outcome.</summary>
    private static void Finish(DeliveryHarness queue, List<QueueConsumer> consumers)
    {
        consumers.Add(queue.Connect("last", 1));
        for (var turn = 0; turn < 100_000 && queue.State.Waiting + queue.State.Delayed + queue.State.Taken > 0; turn++)
        {
            foreach (var consumer in consumers)
            {
                foreach (var id in consumer.Taken.Keys.ToList())
                {
                    queue.Settle(consumer, id);
                }

                queue.Grant(consumer, 1);
            }

            queue.Pass(0.1);
        }
    }

    /// <summary>A queue without items dispatches nothing, so nothing else removes the consumers of workers that have ended.</summary>
    [Test]
    public void Disconnected_consumers_of_an_idle_queue_are_released()
    {
        var state = new DeliveryState(maxAttempts: null, leaseTimeout: null);
        var stays = state.Connect(new DeliveryHarness.NoSink());
        state.Grant(stays, 1);

        Assert.That(ConnectAndDisconnect(state), Is.All.Matches<WeakReference?>(consumer =>
        {
            GC.Collect();
            return consumer is { IsAlive: false };
        }));

        state.Add(new QueueItem(1, default));
        List<QueueConsumer> served = [];
        state.UpdateRoom();
        state.Dispatch(TimeSpan.Zero, served);
        Assert.That(served, Is.EqualTo(new[] { stays }));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static List<WeakReference> ConnectAndDisconnect(DeliveryState state) => [.. Enumerable.Range(0, 100).Select(_ =>
    {
        var consumer = state.Connect(new DeliveryHarness.NoSink());
        state.Grant(consumer, 1);
        state.Disconnect(consumer);
        return new WeakReference(consumer);
    })];
}
