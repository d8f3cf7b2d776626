using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Cotyledon.Hosting.Processes;

/// <summary>
/// Two connected ends of a pipe on Windows. A named pipe, because anonymous pipes cannot be read without a blocked thread; no process opens
/// it by its name later, because the only instance is in use at once.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed class PipePair : IDisposable
{
    /// <summary>The bytes that a pipe holds, in each direction, while its reader is paused: about as many as a socket on Linux.</summary>
    private const int Size = 256 * 1024;

    private const uint Duplex = 3; // PIPE_ACCESS_DUPLEX
    private const uint FirstInstance = 0x80000; // FILE_FLAG_FIRST_PIPE_INSTANCE
    private const uint RejectRemoteClients = 8; // PIPE_REJECT_REMOTE_CLIENTS, with bytes instead of messages

    /// <summary>Creates the pipe.</summary>
    /// <param name="isTheirsOverlapped">
    /// Whether the end for the other process is for overlapped operations. A program cannot use such a handle as its standard error.
    /// </param>
    /// <exception cref="NativeException">The system refuses the pipe.</exception>
    public PipePair(bool isTheirsOverlapped)
    {
        var name = $@"\\.\pipe\cotyledon-{Environment.ProcessId}-{Guid.NewGuid():N}";
        Ours = new SafePipeHandle(
            Kernel32.CreateNamedPipe(name, Duplex | Kernel32.Overlapped | FirstInstance, RejectRemoteClients, 1, Size, Size, 0, 0),
            ownsHandle: true);
        if (Ours.IsInvalid)
        {
            throw new NativeException("CreateNamedPipe", Marshal.GetLastPInvokeError());
        }

        try
        {
            Theirs = Kernel32.OpenInheritable(name, isTheirsOverlapped ? Kernel32.Overlapped : 0);
        }
        catch
        {
            Ours.Dispose();
            throw;
        }
    }

    /// <summary>The end of this process, for overlapped operations. Not inheritable.</summary>
    public SafePipeHandle Ours { get; }

    /// <summary>The inheritable end for the other process.</summary>
    public SafeFileHandle Theirs { get; }

    public void Dispose()
    {
        Ours.Dispose();
        Theirs.Dispose();
    }
}
