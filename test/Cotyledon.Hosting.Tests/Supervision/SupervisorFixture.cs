using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.Time.Testing;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>A supervisor with a fake clock and launcher, driven one turn at a time, or by its own thread.</summary>
internal abstract class SupervisorFixture
{
    protected FakeTimeProvider Clock { get; } = new(DateTimeOffset.UnixEpoch);

    protected List<SupervisorCommand> Output { get; } = [];

    protected FakeLauncher Launcher { get; private set; } = null!;

    protected Supervisor Supervised { get; private set; } = null!;

    [TearDown]
    public void TearDown() => Supervised.Dispose();

    protected void Create(params ServiceSettings[] services)
    {
        var output = new Moq.Mock<ISupervisorOutput>();
        output.Setup(o => o.Execute(Moq.It.IsAny<SupervisorCommand>())).Callback<SupervisorCommand>(Output.Add);
        Supervised = new Supervisor(
            new SupervisorState(Defaults, services, seed: 1),
            report => Launcher = new FakeLauncher(report),
            output.Object,
            Clock);
    }

    protected void Post(SupervisorMessage message)
    {
        Supervised.Post(message);
        Supervised.HandlePending();
    }

    protected void Advance(TimeSpan time)
    {
        Clock.Advance(time);
        Supervised.HandlePending();
    }

    protected void CrashInLoop(int spawn)
    {
        Launcher.Crash(spawn);
        Supervised.HandlePending();
    }

    /// <summary>Stops the thread of the loop; afterwards only the test handles messages.</summary>
    protected void StopThread()
    {
        Supervised.Dispose();
        Launcher.Calls.Clear();
        Output.Clear();
    }

    protected ServiceStatus Status() =>
        Supervised.Read((state, now) => StatusReport.Of(state, now, Clock.GetUtcNow()))[0];
}
