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
    public void What_only_processes_have_is_left_out_and_the_rest_remains()
    {
        var settings = InProcessSettings.From(All, isDebugged: false);

        Assert.That(settings.Supervisor, Is.EqualTo(All.Supervisor with { SpareWorkers = 0 }));
        Assert.That(
            settings.Services.Single(),
            Is.EqualTo(All.Services[0] with { MaxMemory = null, Start = StartSettings.Inherited }));
    }

    [Test]
    public void Nobody_is_hurried_under_a_debugger()
    {
        var settings = InProcessSettings.From(All, isDebugged: true);

        var service = settings.Services.Single();
        Assert.That(
            new[] { service.GracefulTimeout, service.ReadyTimeout, service.LivenessTimeout }, Is.All.EqualTo(Timeout.InfiniteTimeSpan));
        Assert.That(settings.Supervisor.HookTimeout, Is.EqualTo(TimeSpan.FromDays(1)));
        Assert.That(service.MaxAge, Is.EqualTo(Minute));
    }
}
