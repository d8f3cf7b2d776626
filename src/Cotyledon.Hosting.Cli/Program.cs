using System.Runtime.InteropServices;
using Cotyledon.Hosting.Cli;
using Cotyledon.Hosting.Cli.Discovery;
using Cotyledon.Hosting.Cli.Output;

using var cancellation = new CancellationTokenSource();
var stoppedBySignal = false;
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Cancel);

var environment = new ToolEnvironment
{
    Terminal = Terminal.OfProcess(),
    Sockets = OperatingSystem.IsWindows() ? new PipeFinder() : new UnixSocketFinder(Environment.GetEnvironmentVariable, Libc.UserId()),
};
var exitCode = await Tool.RunAsync(environment, args, cancellation.Token);
return exitCode == ExitCodes.Interrupted && stoppedBySignal ? ExitCodes.Terminated : exitCode;

void Cancel(PosixSignalContext context)
{
    stoppedBySignal = context.Signal != PosixSignal.SIGINT;
    context.Cancel = true;
    cancellation.Cancel();
}
