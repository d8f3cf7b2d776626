using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>
/// Calls to the C library on Linux and macOS for sockets and poll(2). Compiled into each package that reads sockets itself.
/// </summary>
[SuppressMessage("Interoperability", "CA5392", Justification = "libc is found by the system's loader only.")]
internal static partial class Libc
{
    private const int FileDescriptorCloseOnExec = 1;
    private const int SetDescriptorFlags = 2; // F_SETFD
    private const int UnixFamily = 1;
    private const int StreamType = 1;
    private const int LinuxDoNotWait = 0x40; // MSG_DONTWAIT
    private const int LinuxNoSignal = 0x4000; // MSG_NOSIGNAL
    private const int MacDoNotWait = 0x80;
    private const int InterruptedError = 4; // EINTR, the same everywhere
    private const int InvalidArgumentError = 22; // EINVAL, the same everywhere
    private const int LinuxCloseOnExec = 0x80000; // SOCK_CLOEXEC, O_CLOEXEC

    private static readonly bool OnLinux = OperatingSystem.IsLinux();

    public static int TryAgainError => OnLinux ? 11 : 35;

    private static int NoWaitFlags => OnLinux ? LinuxDoNotWait | LinuxNoSignal : MacDoNotWait;

    public static bool IsTransient(int error) => error == TryAgainError || error == InterruptedError;

    /// <summary>
    /// Returns the soft limit of descriptors: one more than the highest number that a descriptor of this process may have.
    /// </summary>
    public static unsafe ulong DescriptorLimit()
    {
        // struct rlimit: the soft limit, and the hard limit. On 32-bit systems they have 32 bits (glibc) or 64 bits (musl).
        var limits = stackalloc nuint[4];
        return GetLimit(OnLinux ? 7 : 8, limits) == 0 ? limits[0] : ulong.MaxValue;
    }

    /// <summary>Creates two connected sockets. Both are closed in programs that this process starts.</summary>
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
            // macOS cannot do this at the creation. A program that another thread starts in between inherits the sockets and keeps them open,
            // so neither master nor worker relies on their end alone to notice the exit of the other.
            SetCloseOnExec(pair[0]);
            SetCloseOnExec(pair[1]);
        }

        return (pair[0], pair[1]);
    }

    public static void SetCloseOnExec(int descriptor) => FileControl(descriptor, SetDescriptorFlags, FileDescriptorCloseOnExec);

    private static int FileControl(int descriptor, int command, int argument) =>
        OnLinux || RuntimeInformation.ProcessArchitecture != Architecture.Arm64
            ? FileControlNative(descriptor, command, argument)
            // On Apple's arm64, variadic arguments are passed on the stack, so zeros fill the rest of the eight argument registers.
            : FileControlApple(descriptor, command, 0, 0, 0, 0, 0, 0, argument);

    /// <summary>Waits for events on any descriptor. Negative descriptors are skipped.</summary>
    /// <returns>The number of descriptors with events; 0 after the timeout, or if a signal has interrupted the call.</returns>
    public static unsafe int Poll(Span<PollDescriptor> descriptors, TimeSpan? timeout)
    {
        fixed (PollDescriptor* first = descriptors)
        {
            return Poll(first, descriptors.Length, timeout);
        }
    }

    /// <summary>
    /// Waits for events, with an array for the start of a worker: with the just-in-time compiler, each method of a <c>Span</c> of a type of
    /// this library would have to be compiled at the start.
    /// </summary>
    public static unsafe int Poll(PollDescriptor[] descriptors, TimeSpan? timeout)
    {
        fixed (PollDescriptor* first = descriptors)
        {
            return Poll(first, descriptors.Length, timeout);
        }
    }

    private static unsafe int Poll(PollDescriptor* first, int count, TimeSpan? timeout)
    {
        // Rounded up, so that the caller does not spin until a deadline that is less than a millisecond away.
        var milliseconds = timeout is { } t ? (int)Math.Clamp(Math.Ceiling(t.TotalMilliseconds), 0, int.MaxValue) : -1;
        var result = PollOnce(first, count, milliseconds);
        var error = Marshal.GetLastPInvokeError();
        return result >= 0 || IsTransient(error) ? Math.Max(result, 0)
            : error == InvalidArgumentError && count > 1 ? PollInParts(first, count, milliseconds)
            : throw new NativeException("poll", error);
    }

    /// <summary>
    /// Polls the descriptors in parts. The kernel accepts at most as many as the process may open, and that limit may have been lowered
    /// below the number of open descriptors (prlimit).
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

    /// <summary>Reads the available data of a socket without waiting. Returns 0 at its end, and -1 after an error.</summary>
    public static unsafe int Receive(int socket, Span<byte> buffer)
    {
        fixed (byte* first = buffer)
        {
            return (int)ReceiveNative(socket, first, (nuint)buffer.Length, NoWaitFlags);
        }
    }

    /// <summary>Writes as much to a socket as it takes without waiting, and on Linux without SIGPIPE.</summary>
    /// <returns>The number of bytes; 0 if the socket is full; -1 if it is broken or closed at the other end.</returns>
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

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static unsafe partial int GetLimit(int resource, nuint* limits);

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    private static unsafe partial int SocketPairNative(int family, int type, int protocol, int* pair);

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
    Error = 8,
    HangUp = 16,
}

/// <summary><c>struct pollfd</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor(int descriptor, PollEvents events)
{
    public int Descriptor = descriptor;
    public PollEvents Events = events;
    public PollEvents Returned;

    /// <summary>Whether the descriptor is readable, closed at the other end, or in error. A read then returns at once.</summary>
    public readonly bool HasEvents => Returned != PollEvents.None;
}
