using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.InProcess;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Tests.InProcess;

internal sealed class InProcessSettingsTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static readonly EffectiveSettings All = new(
        new SupervisorSettings(Minute, 4) { SpareWorkers = 3 },
        [
            new ServiceSettings
            {
                Name = "a", Workers = 2, LivenessTimeout = Minute, MaxMemory = 1, MaxAge = Minute,
                Start = new StartSettings(new Dictionary<string, string?> { ["A"] = "b" }, 5),
            },
        ],
        ReloadOnChange: true,
        LogOptions: true);

    [Test]
    public void Settings_that_need_processes_are_removed_and_the_others_are_kept()
    {
        var settings = InProcessSettings.From(All, isDebugged: false);

        Assert.That(settings.Supervisor, Is.EqualTo(All.Supervisor with { SpareWorkers = 0 }));
        Assert.That(
            settings.Services.Single(),
            Is.EqualTo(All.Services[0] with { MaxMemory = null, Start = StartSettings.Inherited }));
    }

    [Test]
    public void Timeouts_are_disabled_under_a_debugger()
    {
        var settings = InProcessSettings.From(All, isDebugged: true);

        var service = settings.Services.Single();
        Assert.That(
            new[] { service.GracefulTimeout, service.ReadyTimeout, service.LivenessTimeout }, Is.All.EqualTo(Timeout.InfiniteTimeSpan));
        Assert.That(settings.Supervisor.HookTimeout, Is.EqualTo(TimeSpan.FromDays(1)));
        Assert.That(service.MaxAge, Is.EqualTo(Minute));
    }
}
