using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Cotyledon.Hosting.Processes;

/// <summary>
/// Stops and continues the workers together with a master that is a job of a shell (Ctrl+Z, <c>fg</c>, <c>bg</c>). The terminal does not
/// signal workers, because they have their own process groups.
/// </summary>
[UnsupportedOSPlatform("windows")]
[SuppressMessage("Interoperability", "CA5392", Justification = "libc is found by the system's loader only.")]
internal sealed partial class JobControl : IDisposable
{
    private readonly Action<int> _signalWorkers;
    private readonly PosixSignalRegistration _stop;
    private readonly PosixSignalRegistration _continue;
    private volatile bool _hasStopped;

    /// <param name="signalWorkers">Sends a signal to the process groups of all workers.</param>
    public JobControl(Action<int> signalWorkers)
    {
        _signalWorkers = signalWorkers;
        _stop = PosixSignalRegistration.Create(PosixSignal.SIGTSTP, OnStop);
        _continue = PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => OnContinue());
    }

    public void Dispose()
    {
        _stop.Dispose();
        _continue.Dispose();
    }

    /// <remarks>If a handler is registered, .NET 10 does not stop the process, even if the handler does not cancel the signal.</remarks>
    private void OnStop(PosixSignalContext context)
    {
        context.Cancel = true;
        if (CanBeContinued)
        {
            _hasStopped = true;
            _signalWorkers(Libc.SignalStop);
            _ = Libc.Kill(Environment.ProcessId, Libc.SignalStop);
        }
    }

    /// <remarks>Passes SIGCONT on only after a stop by this class, so that workers that were paused in another way stay paused.</remarks>
    private void OnContinue()
    {
        if (_hasStopped)
        {
            _hasStopped = false;
            _signalWorkers(Libc.SignalContinue);
        }
    }

    /// <summary>
    /// Whether there is a shell that can continue this process. Without one, for example in a container, the kernel would also ignore the
    /// default action of the signal (setpgid(2): orphaned process groups).
    /// </summary>
    private static bool CanBeContinued => Libc.GetParent() is > 0 and var parent && GetSession(parent) == GetSession(0);

    [LibraryImport("libc", EntryPoint = "getsid")]
    private static partial int GetSession(int processId);
}
