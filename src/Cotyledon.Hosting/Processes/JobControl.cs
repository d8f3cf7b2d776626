using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Cotyledon.Hosting.Processes;

/// <summary>
/// Stops and continues the workers together with the master, when it is a job of a shell (Ctrl+Z, <c>fg</c>, <c>bg</c>): workers have
/// process groups of their own, which the terminal does not signal.
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

    /// <remarks>Where there is a handler, .NET 10 does not stop the process, whether the signal is cancelled or not.</remarks>
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

    /// <remarks>Workers that were paused otherwise, for example by SIGSTOP, stay paused.</remarks>
    private void OnContinue()
    {
        if (_hasStopped)
        {
            _hasStopped = false;
            _signalWorkers(Libc.SignalContinue);
        }
    }

    /// <summary>
    /// Whether there is a shell that could continue this process. Without one, as in a container, the kernel ignores the signal where it has its
    /// default action (setpgid(2): orphaned process groups).
    /// </summary>
    private static bool CanBeContinued => GetParent() is > 0 and var parent && GetSession(parent) == GetSession(0);

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParent();

    [LibraryImport("libc", EntryPoint = "getsid")]
    private static partial int GetSession(int processId);
}
