using Cotyledon.Hosting.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace Cotyledon.Hosting.Tests.Configuration;

internal sealed class ConfigurationWatcherTests
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch);
    private readonly Source _source = new();
    private ConfigurationWatcher _watcher = null!;
    private int _noticed;
    private int _noticedOthers;

    [SetUp]
    public void SetUp() => _watcher = new ConfigurationWatcher(TakenOver.From(_source.ToConfiguration()), _clock, OnChanged);

    [TearDown]
    public void TearDown() => _watcher.Dispose();

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
    public void A_load_is_not_a_change()
    {
        var configuration = TakenOver.From(_source.ToConfiguration());
        using var watcher = new ConfigurationWatcher(configuration, _clock, OnChanged);
        configuration.Load(isForced: true);
        _clock.Advance(TimeSpan.FromDays(1));

        Assert.That(_noticed, Is.Zero);
    }

    [Test]
    public void A_provider_that_announces_its_own_changes_is_heard()
    {
        var provider = new PushProvider();
        using var watcher = new ConfigurationWatcher(
            TakenOver.From(new ConfigurationBuilder().Add(provider).Build()), _clock, OnChanged);
        provider.Push("Key", "1");
        _clock.Advance(Quiet);

        Assert.That(_noticed, Is.EqualTo(1));
    }

    [Test]
    public void A_file_that_is_not_to_be_followed_is_reported_as_such()
    {
        _source.ReloadOnChange = false;
        using var watcher = new ConfigurationWatcher(TakenOver.From(_source.ToConfiguration()), _clock, OnChanged);
        _source.Announce();
        _clock.Advance(Quiet);

        Assert.That((_noticed, _noticedOthers), Is.EqualTo((1, 1)), "the watcher of the set-up follows it, and this one does not");
    }

    [Test]
    public void After_the_end_nothing_is_told()
    {
        _source.Announce();
        _watcher.Dispose();
        _source.Announce();
        _clock.Advance(TimeSpan.FromDays(1));

        Assert.That(_noticed, Is.Zero);
    }

    private void OnChanged(ConfigurationChange change)
    {
        _noticed += change.HasFlag(ConfigurationChange.Followed) ? 1 : 0;
        _noticedOthers += change == ConfigurationChange.Files ? 1 : 0;
    }
}
