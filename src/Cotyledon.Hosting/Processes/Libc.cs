using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>The calls to the C library on Linux and macOS. Those that have more than one caller come with their rules here.</summary>
[SuppressMessage("Interoperability", "CA5392", Justification = "libc is found by the system's loader only.")]
internal static partial class Libc
{
    public const int SignalKill = 9;
    public const int SignalTerminate = 15;

    public const int TooManyFilesError = 24; // EMFILE, the same everywhere

    private const int FileDescriptorCloseOnExec = 1;
    private const int SetDescriptorFlags = 2; // F_SETFD
    private const int UnixFamily = 1;
    private const int StreamType = 1;
    private const int LinuxCloseOnExec = 0x80000; // SOCK_CLOEXEC, O_CLOEXEC
    private const int LinuxDoNotWait = 0x40; // MSG_DONTWAIT
    private const int LinuxNoSignal = 0x4000; // MSG_NOSIGNAL
    private const int LinuxNoTerminal = 0x100; // O_NOCTTY
    private const int LinuxOutputQueue = 0x5411; // SIOCOUTQ, unix(7)
    private const int MacDoNotWait = 0x80;
    private const int MacNoTerminal = 0x20000;
    private const int TypeOfSocket = 3; // SO_TYPE on Linux
    private const int InterruptedError = 4; // EINTR, the same everywhere
    private const int InvalidArgumentError = 22; // EINVAL, the same everywhere

    private static readonly bool OnLinux = OperatingSystem.IsLinux();

    public static int SignalStop => OnLinux ? 19 : 17;

    public static int SignalContinue => OnLinux ? 18 : 19;

    private static int NoWaitFlags => OnLinux ? LinuxDoNotWait | LinuxNoSignal : MacDoNotWait;

    public static int TryAgainError => OnLinux ? 11 : 35;

    public static bool IsTransient(int error) => error == TryAgainError || error == InterruptedError;

    /// <summary>One more than the highest number that a descriptor of this process may have.</summary>
    public static unsafe ulong DescriptorLimit()
    {
        // struct rlimit: what holds now, and what it may be raised to.
        var limits = stackalloc ulong[2];
        return GetLimit(OnLinux ? 7 : 8, limits) == 0 ? limits[0] : ulong.MaxValue;
    }

    /// <summary>Two connected sockets, both closed in programs that this process starts.</summary>
    /// <exception cref="NativeException">No descriptors are left.</exception>
    public static unsafe (int Ours, int Theirs) SocketPair()
    {
        var pair = stackalloc int[2];
        if (SocketPairNative(UnixFamily, StreamType | (OnLinux ? LinuxCloseOnExec : 0), 0, pair) != 0)
        {
            throw new NativeException("socketpair", Marshal.GetLastPInvokeError());
        }

        if (!OnLinux)
        {
            SetCloseOnExec(pair[0]);
            SetCloseOnExec(pair[1]);
        }

        return (pair[0], pair[1]);
    }

    /// <summary>A pipe, both ends closed in programs that this process starts.</summary>
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

    public static void SetCloseOnExec(int descriptor) => FileControl(descriptor, SetDescriptorFlags, FileDescriptorCloseOnExec);

    /// <summary>The same file under a number that is not lower than that; the old number is given up then.</summary>
    /// <exception cref="NativeException">No descriptors are left.</exception>
    public static int MoveUp(int descriptor, int lowest)
    {
        if (descriptor >= lowest)
        {
            return descriptor;
        }

        var moved = FileControl(descriptor, OnLinux ? 1030 : 67, lowest); // F_DUPFD_CLOEXEC
        if (moved < 0)
        {
            throw new NativeException("fcntl", Marshal.GetLastPInvokeError());
        }

        _ = Close(descriptor);
        return moved;
    }

    private static int FileControl(int descriptor, int command, int argument) =>
        OnLinux || RuntimeInformation.ProcessArchitecture != Architecture.Arm64
            ? FileControlNative(descriptor, command, argument)
            // On Apple's arm64 variadic arguments stand on the stack, after eight registers that are left empty here.
            : FileControlApple(descriptor, command, 0, 0, 0, 0, 0, 0, argument);

    /// <summary>Waits for events on any descriptor. Negative descriptors are skipped.</summary>
    /// <returns>How many have events; 0 after the timeout, or when a signal came in between.</returns>
    public static unsafe int Poll(Span<PollDescriptor> descriptors, TimeSpan? timeout)
    {
        fixed (PollDescriptor* first = descriptors)
        {
            return Poll(first, descriptors.Length, timeout);
        }
    }

    /// <summary>The same for the start of a worker: without native code, each method of a span of a type of ours is compiled then.</summary>
    public static unsafe int Poll(PollDescriptor[] descriptors, TimeSpan? timeout)
    {
        fixed (PollDescriptor* first = descriptors)
        {
            return Poll(first, descriptors.Length, timeout);
        }
    }

    private static unsafe int Poll(PollDescriptor* first, int count, TimeSpan? timeout)
    {
        // Rounded up: a deadline that has not come yet must not make the caller spin.
        var milliseconds = timeout is { } t ? (int)Math.Clamp(Math.Ceiling(t.TotalMilliseconds), 0, int.MaxValue) : -1;
        var result = PollOnce(first, count, milliseconds);
        var error = Marshal.GetLastPInvokeError();
        return result >= 0 || IsTransient(error) ? Math.Max(result, 0)
            : error == InvalidArgumentError && count > 1 ? PollInParts(first, count, milliseconds)
            : throw new NativeException("poll", error);
    }

    /// <summary>
    /// The kernel takes no more descriptors than the process may open, and that limit may have been lowered below what is open
    /// already (prlimit).
    /// </summary>
    private static unsafe int PollInParts(PollDescriptor* first, int count, int milliseconds)
    {
        const int pause = 50;
        var size = (int)Math.Clamp(DescriptorLimit(), 1, (ulong)count);
        var (found, wait) = (0, milliseconds < 0 ? pause : Math.Min(milliseconds, pause));
        for (var start = 0; start < count; start += size)
        {
            found += Math.Max(0, PollOnce(first + start, Math.Min(size, count - start), start == 0 ? wait : 0));
        }

        return found;
    }

    private static unsafe int PollOnce(PollDescriptor* first, int count, int milliseconds) =>
        OnLinux ? PollNative(first, (nuint)count, milliseconds) : PollApple(first, (uint)count, milliseconds);

    /// <summary>Reads what is there of a socket without waiting: 0 at its end, -1 with an error.</summary>
    public static unsafe int Receive(int socket, Span<byte> buffer)
    {
        fixed (byte* first = buffer)
        {
            return (int)ReceiveNative(socket, first, (nuint)buffer.Length, NoWaitFlags);
        }
    }

    /// <summary>Reads from a pipe that has something to read or is at its end.</summary>
    public static unsafe int Read(int descriptor, Span<byte> buffer)
    {
        fixed (byte* first = buffer)
        {
            return (int)ReadNative(descriptor, first, (nuint)buffer.Length);
        }
    }

    /// <summary>Reads a short file. Returns how much there was; 0 where it cannot be read.</summary>
    public static int ReadFile(string path, Span<byte> buffer)
    {
        var descriptor = Open(path, OnLinux ? LinuxCloseOnExec : 0);
        if (descriptor < 0)
        {
            return 0;
        }

        var count = Read(descriptor, buffer);
        _ = Close(descriptor);
        return Math.Max(count, 0);
    }

    /// <summary>Whether a file can be opened for reading.</summary>
    public static bool CanOpen(string path)
    {
        var descriptor = Open(path, OnLinux ? LinuxCloseOnExec | LinuxNoTerminal : MacNoTerminal);
        return descriptor >= 0 && Close(descriptor) == 0;
    }

    /// <summary>How many bytes of what was written to a socket were not read yet; 0 where the system does not tell.</summary>
    public static unsafe int Unread(int socket)
    {
        var count = 0;
        return OnLinux && InputOutputControl(socket, LinuxOutputQueue, &count) == 0 ? count : 0;
    }

    /// <summary>Writes to a socket without waiting and without SIGPIPE.</summary>
    public static unsafe bool Send(int socket, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            return SendNative(socket, first, (nuint)bytes.Length, NoWaitFlags) == bytes.Length;
        }
    }

    /// <summary>Writes as much to a socket as it takes at once.</summary>
    /// <returns>How much; 0 when it is full; -1 when nobody reads it any more.</returns>
    public static unsafe int SendSome(int socket, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            nint sent;
            do
            {
                sent = SendNative(socket, first, (nuint)bytes.Length, NoWaitFlags);
            }
            while (sent < 0 && Marshal.GetLastPInvokeError() == InterruptedError);

            return sent >= 0 ? (int)sent : Marshal.GetLastPInvokeError() == TryAgainError ? 0 : -1;
        }
    }

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int processId, int signal);

    /// <summary>Ends the process as it is: no handlers, no finalizers, nothing that could hang.</summary>
    [LibraryImport("libc", EntryPoint = "_exit")]
    [DoesNotReturn]
    public static partial void ExitNow(int exitCode);

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static unsafe partial int GetLimit(int resource, ulong* limits);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static unsafe partial int InputOutputControl(int descriptor, nint request, int* value);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    private static unsafe partial int SocketPairNative(int family, int type, int protocol, int* pair);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static unsafe partial int PipeLinux(int* pair, int flags);

    [LibraryImport("libc", EntryPoint = "pipe", SetLastError = true)]
    private static unsafe partial int PipeNative(int* pair);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static unsafe partial nint ReadNative(int descriptor, byte* buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    private static unsafe partial int GetSocketOption(int socket, int level, int option, void* value, int* size);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControlNative(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControlApple(
        int descriptor, int command, nint x2, nint x3, nint x4, nint x5, nint x6, nint x7, nint argument);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static unsafe partial int PollNative(PollDescriptor* descriptors, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static unsafe partial int PollApple(PollDescriptor* descriptors, uint count, int timeout);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static unsafe partial nint ReceiveNative(int socket, byte* buffer, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static unsafe partial nint SendNative(int socket, byte* bytes, nuint size, int flags);
}

[Flags]
internal enum PollEvents : short
{
    None = 0,
    In = 1,
    Out = 4,
}

/// <summary><c>struct pollfd</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor(int descriptor, PollEvents events)
{
    public int Descriptor = descriptor;
    public PollEvents Events = events;
    public PollEvents Returned;

    /// <summary>Readable, closed by the other side, or in error: in each case a read tells.</summary>
    public readonly bool HasEvents => Returned != PollEvents.None;
}
