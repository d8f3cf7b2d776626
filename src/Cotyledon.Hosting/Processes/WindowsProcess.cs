using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Cotyledon.Hosting.Processes;

/// <summary>A process on Windows that this process has started.</summary>
[SupportedOSPlatform("windows")]
internal sealed class WindowsProcess(nint handle, int processId) : IDisposable
{
    /// <summary>The exit code of a process that is killed, like that of a shell for SIGKILL.</summary>
    private const int KilledCode = 137;

    // The handle keeps the id from being reused.
    private readonly nint _handle = handle;

    public int ProcessId { get; } = processId;

    /// <summary>Signaled when the process has exited.</summary>
    public WaitHandle HasExited { get; } = new ManualResetEvent(false) { SafeWaitHandle = new SafeWaitHandle(handle, ownsHandle: true) };

    public int? ExitCode => Kernel32.GetExitCode(_handle, out var exitCode) ? exitCode : null;

    /// <summary>Ends the process. Has no effect if it has exited already.</summary>
    public void Kill() => Kernel32.TerminateProcess(_handle, KilledCode);

    public void Dispose() => HasExited.Dispose();
}
