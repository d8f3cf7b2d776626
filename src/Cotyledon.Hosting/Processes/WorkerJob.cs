using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Cotyledon.Hosting.Processes;

/// <summary>
/// The job object of a worker on Windows, which plays the part of a process group: the worker and the processes that it has started. The
/// system ends all of them when the last handle of the job is closed. Only the worker holds a handle, so they end together with the worker,
/// and a worker whose master has exited can still stop gracefully.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe class WorkerJob : IDisposable
{
    private const int ExtendedLimits = 9; // JobObjectExtendedLimitInformation
    private const uint KillOnClose = 0x2000; // JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE

    /// <exception cref="NativeException">The system refuses the job.</exception>
    public WorkerJob()
    {
        Handle = Kernel32.CreateJob(0, 0);
        var limits = new Kernel32.ExtendedJobLimits { Flags = KillOnClose };
        if (Handle == 0 || !Kernel32.SetJobInformation(Handle, ExtendedLimits, &limits, sizeof(Kernel32.ExtendedJobLimits)))
        {
            throw new NativeException("Cannot create the job object of a worker", Marshal.GetLastPInvokeError());
        }
    }

    public nint Handle { get; }

    /// <summary>Gives a handle to the worker, which does not need to know it. Has no effect if the worker has exited already.</summary>
    public void GiveTo(nint process) =>
        Kernel32.DuplicateHandle(Kernel32.CurrentProcess, Handle, process, out _, 0, isInheritable: 0, Kernel32.SameAccess);

    /// <summary>Closes the handle of this process.</summary>
    public void Dispose() => Kernel32.CloseHandle(Handle);
}
