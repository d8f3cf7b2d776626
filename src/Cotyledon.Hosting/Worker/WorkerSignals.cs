using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Worker;

/// <summary>Handles the signals that a worker gets.</summary>
internal static class WorkerSignals
{
    // A registration ends when it is collected.
    private static readonly List<PosixSignalRegistration> Registrations = [];

    /// <summary>Registers the handlers, which the runtime calls on threads of the pool or of its own.</summary>
    /// <param name="reload">Asks the master for a reload. A worker loads no files, which may be ones that the master has rejected.</param>
    /// <param name="stop">Begins the graceful stop of this worker.</param>
    public static void Register(Action reload, Action stop)
    {
        // Ctrl+C in a terminal signals the whole foreground process group; the master decides what follows.
        Handle(PosixSignal.SIGINT, () => { });
        Handle(PosixSignal.SIGQUIT, () => { });
        Handle(PosixSignal.SIGHUP, reload);
        Handle(PosixSignal.SIGTERM, stop);
    }

    private static void Handle(PosixSignal signal, Action action) => Registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        action();
    }));
}
