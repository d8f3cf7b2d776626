using Cotyledon.Hosting.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace Cotyledon.Hosting.Tests.Configuration;

internal sealed class ConfigurationChangesTests
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch);
    private readonly Source _source = new();
    private ConfigurationChanges _changes = null!;
    private int _noticed;

    [SetUp]
    public void SetUp() => _changes = new ConfigurationChanges(_source.ToConfiguration(), _clock, () => _noticed++);

    [TearDown]
    public void TearDown() => _changes.Dispose();

    [Test]
    public void A_change_is_told_when_it_has_been_quiet_for_a_moment()
    {
        _source.Announce();
        _clock.Advance(Quiet - Tick);
        Assert.That(_noticed, Is.Zero);

        _clock.Advance(Tick);
        Assert.That(_noticed, Is.EqualTo(1));
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.That(_noticed, Is.EqualTo(1));
    }

    [Test]
    public void Changes_in_quick_succession_are_told_once_after_the_last()
    {
        for (var i = 0; i < 5; i++)
        {
            _source.Announce();
            _clock.Advance(Quiet - Tick);
        }

        Assert.That(_noticed, Is.Zero);
        _clock.Advance(Tick);
        Assert.That(_noticed, Is.EqualTo(1));
    }

    [Test]
    public void Somebody_who_writes_all_the_time_is_heard_every_two_seconds()
    {
        for (var i = 0; i < 60; i++)
        {
            _source.Announce();
            _clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.That(_noticed, Is.InRange(2, 3));
    }

    [Test]
    public void The_longest_wait_counts_anew_for_each_change_that_is_told()
    {
        _source.Announce();
        _clock.Advance(TimeSpan.FromSeconds(5));
        _source.Announce();

        _clock.Advance(Quiet - Tick);
        Assert.That(_noticed, Is.EqualTo(1));
        _clock.Advance(Tick);
        Assert.That(_noticed, Is.EqualTo(2));
    }

    [Test]
    public void A_load_on_purpose_is_no_change()
    {
        _changes.WhileMuted(_source.Announce);
        _clock.Advance(TimeSpan.FromDays(1));

        Assert.That(_noticed, Is.Zero);
    }

    [Test]
    public void After_a_load_on_purpose_that_failed_changes_are_heard_again()
    {
        Assert.That(() => _changes.WhileMuted(() => throw new NotSupportedException()), Throws.TypeOf<NotSupportedException>());

        _source.Announce();
        _clock.Advance(Quiet);
        Assert.That(_noticed, Is.EqualTo(1));
    }

    [Test]
    public void A_change_of_before_a_load_on_purpose_is_told_nevertheless()
    {
        _source.Announce();
        _changes.WhileMuted(_source.Announce);
        _clock.Advance(Quiet);

        Assert.That(_noticed, Is.EqualTo(1));
    }

    [Test]
    public void After_the_end_nothing_is_told()
    {
        _source.Announce();
        _changes.Dispose();
        _source.Announce();
        _clock.Advance(TimeSpan.FromDays(1));

        Assert.That(_noticed, Is.Zero);
    }
}
