using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>
/// Calls to the C library on Linux and macOS that concern files, pipes and processes. Calls for sockets: <c>Libc.Sockets.cs</c>.
/// </summary>
[SuppressMessage("Interoperability", "CA5392", Justification = "libc is found by the system's loader only.")]
internal static partial class Libc
{
    public const int SignalKill = 9;
    public const int SignalTerminate = 15;

    public const int TooManyFilesInSystemError = 23; // ENFILE, the same everywhere
    public const int TooManyFilesError = 24; // EMFILE, the same everywhere

    private const int LinuxNoTerminal = 0x100; // O_NOCTTY
    private const int LinuxOutputQueue = 0x5411; // SIOCOUTQ
    private const int MacNoTerminal = 0x20000;
    private const int MacCloseOnExec = 0x1000000; // O_CLOEXEC
    private const int TypeOfSocket = 3; // SO_TYPE on Linux

    public static int SignalStop => OnLinux ? 19 : 17;

    public static int SignalContinue => OnLinux ? 18 : 19;

    /// <summary>Creates a pipe. Both ends are closed in programs that this process starts.</summary>
    /// <exception cref="NativeException">No descriptors are left.</exception>
    public static unsafe (int Reader, int Writer) Pipe()
    {
        var pair = stackalloc int[2];
        if ((OnLinux ? PipeLinux(pair, LinuxCloseOnExec) : PipeNative(pair)) != 0)
        {
            throw new NativeException("pipe", Marshal.GetLastPInvokeError());
        }

        if (!OnLinux)
        {
            SetCloseOnExec(pair[0]);
            SetCloseOnExec(pair[1]);
        }

        return (pair[0], pair[1]);
    }

    public static unsafe bool IsSocket(int descriptor)
    {
        var value = 0;
        var size = sizeof(int);
        return GetSocketOption(
            descriptor, OnLinux ? 1 : 0xffff, OnLinux ? TypeOfSocket : 0x1008, &value, &size) == 0;
    }

    /// <summary>Moves a descriptor to a number that is not lower than <paramref name="lowest"/>, and closes the old number.</summary>
    /// <exception cref="NativeException">No descriptors are left.</exception>
    public static int MoveUp(int descriptor, int lowest)
    {
        if (descriptor >= lowest)
        {
            return descriptor;
        }

        var moved = Duplicate(descriptor, lowest);
        _ = Close(descriptor);
        return moved;
    }

    /// <summary>Duplicates a descriptor to a number that is not lower than <paramref name="lowest"/>. Programs do not inherit it.</summary>
    /// <exception cref="NativeException">No descriptors are left.</exception>
    public static int Duplicate(int descriptor, int lowest) =>
        FileControl(descriptor, OnLinux ? 1030 : 67, lowest) is >= 0 and var duplicate // F_DUPFD_CLOEXEC
            ? duplicate
            : throw new NativeException("fcntl", Marshal.GetLastPInvokeError());

    /// <summary>Reads from a pipe that has data or is at its end. Blocks otherwise.</summary>
    public static unsafe int Read(int descriptor, Span<byte> buffer)
    {
        fixed (byte* first = buffer)
        {
            return (int)ReadNative(descriptor, first, (nuint)buffer.Length);
        }
    }

    /// <summary>Reads a short file. Returns the number of bytes, or 0 if it cannot be read.</summary>
    public static int ReadFile(string path, Span<byte> buffer)
    {
        var descriptor = Open(path, OnLinux ? LinuxCloseOnExec : MacCloseOnExec);
        if (descriptor < 0)
        {
            return 0;
        }

        var count = Read(descriptor, buffer);
        _ = Close(descriptor);
        return Math.Max(count, 0);
    }

    /// <summary>Returns whether a file can be opened for reading.</summary>
    public static bool CanOpen(string path)
    {
        var descriptor = Open(path, OnLinux ? LinuxCloseOnExec | LinuxNoTerminal : MacCloseOnExec | MacNoTerminal);
        return descriptor >= 0 && Close(descriptor) == 0;
    }

    /// <summary>
    /// Returns the size of the data that the other end of a socket has not read yet, with the overhead of the kernel; always 0 on macOS.
    /// </summary>
    public static unsafe int Unread(int socket)
    {
        var count = 0;
        return OnLinux && InputOutputControl(socket, LinuxOutputQueue, &count) == 0 ? count : 0;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int processId, int signal);

    /// <summary>Returns the id of the parent process, which changes when the parent exits.</summary>
    [LibraryImport("libc", EntryPoint = "getppid")]
    public static partial int GetParent();

    /// <summary>Ends the process at once, without exit handlers and finalizers, which could hang.</summary>
    [LibraryImport("libc", EntryPoint = "_exit")]
    [DoesNotReturn]
    public static partial void ExitNow(int exitCode);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static unsafe partial int InputOutputControl(int descriptor, nint request, int* value);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static unsafe partial int PipeLinux(int* pair, int flags);

    [LibraryImport("libc", EntryPoint = "pipe", SetLastError = true)]
    private static unsafe partial int PipeNative(int* pair);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static unsafe partial nint ReadNative(int descriptor, byte* buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    private static unsafe partial int GetSocketOption(int socket, int level, int option, void* value, int* size);

}
