using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Tests.Supervision;

internal sealed class DeadlinesTests
{
    private readonly Subject _first = new();
    private readonly Subject _second = new();
    private readonly Deadlines _deadlines = new();

    [Test]
    public void There_is_no_next_deadline_at_first()
    {
        Assert.That(_deadlines.Next, Is.Null);
        Assert.That(_deadlines.TryTakeDue(TimeSpan.MaxValue, out _), Is.False);
    }

    [Test]
    public void The_earliest_deadline_is_next_regardless_of_the_order_of_Set()
    {
        _deadlines.Set(_first, Seconds(2));
        _deadlines.Set(_second, Seconds(1));

        Assert.That(_deadlines.Next, Is.EqualTo(Seconds(1)));
        Assert.That(TakeDue(Seconds(5)), Is.EqualTo(new[] { _second, _first }));
        Assert.That(_deadlines.Next, Is.Null);
    }

    [Test]
    public void A_subject_is_due_at_its_deadline_and_not_before()
    {
        _deadlines.Set(_first, Seconds(2));

        Assert.That(TakeDue(Seconds(2) - TimeSpan.FromTicks(1)), Is.Empty);
        Assert.That(TakeDue(Seconds(2)), Is.EqualTo(new[] { _first }));
        Assert.That(_first.Deadline, Is.Null);
    }

    [TestCase(1, 3)]
    [TestCase(3, 1)]
    public void Setting_a_deadline_again_replaces_the_previous_one(double old, double latest)
    {
        _deadlines.Set(_first, Seconds(old));
        _deadlines.Set(_first, Seconds(latest));

        Assert.That(_deadlines.Next, Is.EqualTo(Seconds(latest)));
        Assert.That(TakeDue(Seconds(10)), Is.EqualTo(new[] { _first }));
    }

    [Test]
    public void A_cleared_deadline_is_never_due()
    {
        _deadlines.Set(_first, Seconds(1));
        _deadlines.Set(_second, Seconds(2));
        _first.Deadline = null;

        Assert.That(_deadlines.Next, Is.EqualTo(Seconds(2)));
        Assert.That(TakeDue(Seconds(10)), Is.EqualTo(new[] { _second }));
    }

    [Test]
    public void A_deadline_cleared_and_set_again_to_the_same_time_is_due_once()
    {
        _deadlines.Set(_first, Seconds(1));
        _first.Deadline = null;
        _deadlines.Set(_first, Seconds(1));

        Assert.That(TakeDue(Seconds(10)), Is.EqualTo(new[] { _first }));
    }

    [Test]
    public void Stale_entries_do_not_accumulate_when_deadlines_are_set_repeatedly()
    {
        for (var i = 0; i < 10_000; i++)
        {
            _deadlines.Set(_first, Seconds(100_000 - i));
            _deadlines.Set(new Subject(), Seconds(200_000));
            _deadlines.Set(_second, Seconds(i + 1));
            _second.Deadline = null;
        }

        Assert.That(_deadlines.Count, Is.LessThan(30_100), "10,001 deadlines are pending");
        Assert.That(_deadlines.Next, Is.EqualTo(Seconds(90_001)));
    }

    [Test]
    public void Removing_stale_entries_keeps_all_current_deadlines()
    {
        var subjects = Enumerable.Range(0, 1000).Select(_ => new Subject()).ToList();
        for (var i = 0; i < 10; i++)
        {
            subjects.ForEach(s => _deadlines.Set(s, Seconds(i + 1)));
        }

        Assert.That(TakeDue(Seconds(9)), Is.Empty);
        Assert.That(TakeDue(Seconds(10)), Is.EquivalentTo(subjects));
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private List<IHasDeadline> TakeDue(TimeSpan now)
    {
        List<IHasDeadline> taken = [];
        while (_deadlines.TryTakeDue(now, out var subject))
        {
            taken.Add(subject);
        }

        return taken;
    }

    private sealed class Subject : IHasDeadline
    {
        public TimeSpan? Deadline { get; set; }
    }
}
