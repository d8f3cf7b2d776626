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
    public void A_change_is_reported_after_the_quiet_period()
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
    public void Changes_in_quick_succession_are_reported_once_after_the_last()
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
    public void Continuous_changes_are_reported_every_two_seconds()
    {
        for (var i = 0; i < 60; i++)
        {
            _source.Announce();
            _clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.That(_noticed, Is.InRange(2, 3));
    }

    [Test]
    public void The_maximum_delay_restarts_with_each_reported_change()
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
        configuration.Load(loadsAll: true);
        _clock.Advance(TimeSpan.FromDays(1));

        Assert.That(_noticed, Is.Zero);
    }

    [Test]
    public void Changes_announced_by_a_provider_are_reported()
    {
        var provider = new PushProvider();
        using var watcher = new ConfigurationWatcher(
            TakenOver.From(new ConfigurationBuilder().Add(provider).Build()), _clock, OnChanged);
        provider.Push("Key", "1");
        _clock.Advance(Quiet);

        Assert.That(_noticed, Is.EqualTo(1));
    }

    [Test]
    public void A_file_without_ReloadOnChange_is_reported_as_not_followed()
    {
        _source.ReloadOnChange = false;
        using var watcher = new ConfigurationWatcher(TakenOver.From(_source.ToConfiguration()), _clock, OnChanged);
        _source.Announce();
        _clock.Advance(Quiet);

        Assert.That((_noticed, _noticedOthers), Is.EqualTo((1, 1)), "only the watcher of the SetUp method follows the file");
    }

    [Test]
    public void Nothing_is_reported_after_Dispose()
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
