using System.Runtime.Versioning;
using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Launching;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Tests.Launching;

[Platform("Linux"), SupportedOSPlatform("linux")]
internal sealed class UnixLauncherTests
{
    [Test, CancelAfter(30_000)]
    public async Task Disposal_does_not_wait_for_a_start_that_is_blocked(CancellationToken cancellationToken)
    {
        using var side = new BlockedSideChannel();
        var hasStarted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var launcher = new UnixLauncher(
            new ProgramCommand("/bin/true", [], "/"),
            new Dictionary<string, string>(),
            [side],
            lease: null,
            () => ConfigurationImage.Empty,
            message =>
            {
                if (message is SupervisorMessage.WorkerStarted)
                {
                    hasStarted.TrySetResult();
                }
            });
        try
        {
            launcher.Start(new SupervisorCommand.StartWorker(1, "Poller", 0, StartSettings.Inherited));
            await side.Entered.Task.WaitAsync(cancellationToken);

            await Task.Run(launcher.Dispose, cancellationToken).WaitAsync(cancellationToken);
        }
        finally
        {
            side.Release.Set();
        }

        await hasStarted.Task.WaitAsync(cancellationToken);
    }

    private sealed class BlockedSideChannel : ISideChannel, IDisposable
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ManualResetEventSlim Release { get; } = new();

        public string Name => "blocked";

        public void OnWorkerStarted(Stream stream)
        {
            stream.Dispose();
            Entered.SetResult();
            Release.Wait();
        }

        public void Dispose() => Release.Dispose();
    }
}
