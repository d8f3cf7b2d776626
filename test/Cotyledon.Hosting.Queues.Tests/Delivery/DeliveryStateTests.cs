using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Queues.Extensibility;

namespace Cotyledon.Hosting.Queues.Tests.Delivery;

/// <summary>Who gets which item, and what becomes of it.</summary>
internal sealed class DeliveryStateTests
{
    [Test]
    public void Items_go_in_their_order_to_who_wants_them_and_no_more_than_wanted()
    {
        var office = new DeliveryHarness();
        var a = office.Connect("a", credit: 2);

        Assert.That(office.Add(1, 2, 3).Given, Is.EqualTo("a1 a2"));
        Assert.That(office.Settle(a, 1).Given, Is.Empty, "it has not asked for more");
        Assert.That(office.Grant(a, 5).Given, Is.EqualTo("a3"));
        Assert.That((office.State.Waiting, office.State.Taken, office.State.Completed), Is.EqualTo((0, 2, 1)));
    }

    [Test]
    public void What_waits_is_shared_among_those_that_want_it()
    {
        var office = new DeliveryHarness();
        office.Connect("a", credit: 100);
        office.Connect("b", credit: 100);

        Assert.That(office.Add(1, 2, 3, 4).Given, Is.EqualTo("a1 a2 a4 b3"));
    }

    [Test]
    public void Demand_is_what_is_wanted_beyond_what_waits()
    {
        var office = new DeliveryHarness();
        office.Add(1);
        var a = office.Connect("a");
        Assert.That(office.State.Demand, Is.Zero);

        office.Grant(a, 5);
        Assert.That(office.State.Demand, Is.EqualTo(4));
    }

    [Test]
    public void Who_wants_no_more_gets_no_more()
    {
        var office = new DeliveryHarness();
        var a = office.Connect("a", credit: 5);
        DeliveryState.Revoke(a);

        Assert.That(office.Add(1).Given, Is.Empty);
    }

    [Test]
    public void An_abandoned_item_comes_back_before_younger_ones_and_counts_its_attempts()
    {
        var office = new DeliveryHarness();
        var a = office.Connect("a", credit: 1);
        office.Add(1, 2);

        office.Settle(a, 1, Settlement.Abandon);
        Assert.That(office.Grant(a, 1).Given, Is.EqualTo("a1"));
        Assert.That(office.Outcomes, Is.EqualTo(new[] { (1L, QueueOutcome.Returned, 1) }));
        Assert.That(office.State.Redelivered, Is.EqualTo(1));
    }

    [Test]
    public void An_item_with_a_delay_is_nobodys_until_it_is_over()
    {
        var office = new DeliveryHarness();
        var a = office.Connect("a", credit: 9);
        office.Add(1).Settle(a, 1, Settlement.Abandon, delay: 5);
        Assert.That((office.Given, office.State.NextDeadline), Is.EqualTo(("", TimeSpan.FromSeconds(5))));

        Assert.That(office.Add(2).Given, Is.EqualTo("a2"));
        Assert.That(office.Pass(4.9).Given, Is.Empty);
        Assert.That(office.Pass(0.1).Given, Is.EqualTo("a1"));
    }

    [Test]
    public void An_item_that_was_fetched_and_not_looked_at_was_not_tried()
    {
        var office = new DeliveryHarness(maxAttempts: 1);
        var a = office.Connect("a", credit: 1);
        office.Add(1).Settle(a, 1, Settlement.Release);

        Assert.That(office.Grant(a, 1).Given, Is.EqualTo("a1"));
        Assert.That((office.State.Redelivered, office.Outcomes.Count), Is.EqualTo((0, 0)));
    }

    [Test]
    public void After_its_last_attempt_an_item_is_dead()
    {
        var office = new DeliveryHarness(maxAttempts: 2);
        var a = office.Connect("a", credit: 9);
        office.Add(1).Settle(a, 1, Settlement.Abandon).Settle(a, 1, Settlement.Abandon);

        Assert.That(office.Outcomes[^1], Is.EqualTo((1L, QueueOutcome.Dead, 2)));
        Assert.That((office.State.Waiting, office.State.Taken), Is.EqualTo((0, 0)));
    }

    [Test]
    public void What_a_dead_worker_had_goes_to_others_one_at_a_time()
    {
        var office = new DeliveryHarness();
        var a = office.Connect("a", credit: 3);
        office.Add(1, 2, 3);
        var b = office.Connect("b", credit: 9);
        office.Add(4);
        Assert.That(office.Given, Is.EqualTo("b4"));

        Assert.That(office.Disconnect(a).Given, Is.Empty, "b has something else");
        Assert.That(office.Add(5).Given, Is.Empty, "and gets nothing new before the suspects had their turn");
        Assert.That(office.Settle(b, 4).Given, Is.EqualTo("b1"));
        Assert.That(office.Settle(b, 1).Given, Is.EqualTo("b2"));
        Assert.That(office.Settle(b, 2).Given, Is.EqualTo("b3"));
        Assert.That(office.Settle(b, 3).Given, Is.EqualTo("b5"));
    }

    [Test]
    public void An_item_that_kills_its_workers_uses_up_its_own_attempts_only()
    {
        var office = new DeliveryHarness(maxAttempts: 3);
        office.Add(1, 2, 3, 4);
        for (var lives = 0; lives < 20 && office.State.Waiting > 0; lives++)
        {
            // Worker after worker takes all that it gets, in order, and dies of item 2.
            var worker = office.Connect("w", credit: 4);
            office.Run();
            while (worker.Taken.Count > 0 && worker.Taken.Keys.Min() != 2)
            {
                office.Settle(worker, worker.Taken.Keys.Min());
            }

            office.Disconnect(worker);
        }

        Assert.That(office.Outcomes.Where(o => o.Outcome == QueueOutcome.Dead).Select(o => (o.Id, o.Attempts)),
            Is.EqualTo(new[] { (2L, 3) }));
        Assert.That(office.State.Completed, Is.EqualTo(3));
    }

    [Test]
    public void An_item_that_is_kept_too_long_goes_to_another_and_a_late_word_of_it_has_no_effect()
    {
        var office = new DeliveryHarness(lease: 10);
        var a = office.Connect("a", credit: 1);
        var b = office.Connect("b");
        office.Add(1).Grant(b, 1);

        Assert.That(office.Pass(9.9).Given, Is.Empty);
        Assert.That(office.Pass(1).Given, Is.EqualTo("b1"));
        Assert.That(office.Settle(a, 1).State.Completed, Is.Zero);
        Assert.That(office.Settle(b, 1).State.Completed, Is.EqualTo(1));
        Assert.That(office.Pass(100).State.NextDeadline, Is.Null);
    }

    [Test]
    public void What_nobody_knows_is_passed_over()
    {
        var office = new DeliveryHarness();
        var a = office.Connect("a", credit: 1);

        Assert.That(() => office.Settle(a, 17), Throws.Nothing);
        Assert.That(office.State.Completed, Is.Zero);
    }

    [Test]
    public void A_buried_item_is_dead_at_once()
    {
        var office = new DeliveryHarness();
        var a = office.Connect("a", credit: 1);
        office.Add(1).Settle(a, 1, Settlement.MarkDead);

        Assert.That(office.Outcomes, Is.EqualTo(new[] { (1L, QueueOutcome.Dead, 1) }));
    }

    /// <summary>Whatever happens in whatever order, each item is somewhere, and what can be given is given.</summary>
    [Test]
    public void Nothing_is_lost_and_nothing_is_held_twice([Range(1, 30)] int seed)
    {
        var random = new Random(seed);
        var office = new DeliveryHarness(maxAttempts: random.Next(2) == 0 ? null : 5, lease: random.Next(2) == 0 ? null : 3);
        var consumers = new List<QueueConsumer>();
        var added = 0;
        for (var step = 0; step < 3000; step++)
        {
            switch (random.Next(8))
            {
                case 0:
                    office.Add([.. Enumerable.Range(1, random.Next(1, 20)).Select(_ => ++added)]);
                    break;
                case 1 when consumers.Count < 6:
                    consumers.Add(office.Connect("c", random.Next(5)));
                    break;
                case 2 when consumers.Count > 0 && random.Next(5) == 0:
                    var gone = consumers[random.Next(consumers.Count)];
                    consumers.Remove(gone);
                    office.Disconnect(gone);
                    break;
                case 3 when consumers.Count > 0:
                    office.Grant(consumers[random.Next(consumers.Count)], random.Next(1, 10));
                    break;
                case 4:
                    office.Pass(random.NextDouble());
                    break;
                default:
                    if (consumers.Find(c => c.Taken.Count > 0) is { } holder)
                    {
                        office.Settle(
                            holder,
                            holder.Taken.Keys.ElementAt(random.Next(holder.Taken.Count)),
                            (Settlement)random.Next(1, 5),
                            random.Next(3));
                    }

                    break;
            }

            var held = consumers.SelectMany(c => c.Taken.Keys).ToList();
            Assert.That(held, Is.Unique);
            var ended = office.Outcomes.Count(o => o.Outcome != QueueOutcome.Returned);
            Assert.That(
                (office.State.Taken, office.State.Waiting + office.State.Delayed + held.Count + ended),
                Is.EqualTo((held.Count, added)),
                $"step {step}");
        }

        Finish(office, consumers);
        Assert.That(office.Outcomes.Count(o => o.Outcome != QueueOutcome.Returned), Is.EqualTo(added));
    }

    /// <summary>From now on everybody does as he should: all must end.</summary>
    private static void Finish(DeliveryHarness office, List<QueueConsumer> consumers)
    {
        consumers.Add(office.Connect("last", 1));
        for (var turn = 0; turn < 100_000 && office.State.Waiting + office.State.Delayed + office.State.Taken > 0; turn++)
        {
            foreach (var consumer in consumers)
            {
                foreach (var id in consumer.Taken.Keys.ToList())
                {
                    office.Settle(consumer, id);
                }

                office.Grant(consumer, 1);
            }

            office.Pass(0.1);
        }
    }
}
