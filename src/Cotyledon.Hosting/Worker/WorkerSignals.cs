using System.Runtime.InteropServices;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Worker;

/// <summary>Handles the signals of a worker.</summary>
internal static class WorkerSignals
{
    // Keeps the registrations: a garbage-collected one no longer handles its signal.
    private static readonly List<PosixSignalRegistration> Registrations = [];

    /// <summary>Registers the handlers, which the runtime calls on the thread pool or on its own threads.</summary>
    /// <param name="reload">
    /// Requests a reload from the master. A worker does not load files itself, because the master may have rejected them.
    /// </param>
    /// <param name="stop">Begins the graceful stop of this worker.</param>
    public static void Register(Action reload, Action stop)
    {
        // Handled by the master. Ctrl+C does not reach workers, which have their own process groups; on Windows, Ctrl+Break does.
        Handle(PosixSignal.SIGINT, () => { });
        Handle(PosixSignal.SIGQUIT, () => { });
        if (OperatingSystem.IsWindows())
        {
            // Its console is closed, or the machine shuts down. The master gets the same signal, and stops this worker.
            Handle(PosixSignal.SIGHUP, ConsoleClosing.WaitForExit);
            Handle(PosixSignal.SIGTERM, ConsoleClosing.WaitForExit);
            return;
        }

        Handle(PosixSignal.SIGHUP, reload);
        Handle(PosixSignal.SIGTERM, stop);
    }

    private static void Handle(PosixSignal signal, Action action) => Registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        action();
    }));
}
