using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>Calls to the C library that accept connections, and that pass descriptors between processes (unix(7), SCM_RIGHTS).</summary>
internal static partial class Libc
{
    private const int RightsType = 1; // SCM_RIGHTS, the same everywhere
    private const int LinuxCloseReceivedOnExec = 0x40000000; // MSG_CMSG_CLOEXEC
    private const int SetFileFlags = 4; // F_SETFL
    private const int GetFileFlags = 3; // F_GETFL
    private const int ShutDownWriting = 1; // SHUT_WR, the same everywhere
    private const int ControlSize = 64;

    /// <summary>The most descriptors that one message may carry. The sender puts one into each message.</summary>
    private const int MaxDescriptors = 4;

    private static int SocketLevel => OnLinux ? 1 : 0xffff;

    /// <summary>Whether an error of <see cref="Accept"/> concerns the first waiting connection only, or the call was interrupted.</summary>
    public static bool IsOfOneConnection(int error) => error == InterruptedError || error == (OnLinux ? 103 : 53) // ECONNABORTED
        || error == (OnLinux ? 71 : 100); // EPROTO

    /// <summary>Makes <see cref="Accept"/> return at once if no connection waits.</summary>
    public static void SetNonBlocking(int descriptor) =>
        _ = FileControl(descriptor, SetFileFlags, FileControl(descriptor, GetFileFlags, 0) | (OnLinux ? 0x800 : 4));

    /// <summary>Takes a connection from a listening socket that does not block.</summary>
    /// <param name="listener">The listening socket.</param>
    /// <param name="address">The buffer for the address of the client, a <c>struct sockaddr</c>.</param>
    /// <param name="size">The size of the address.</param>
    /// <returns>The connection, or -1 after an error.</returns>
    public static unsafe int Accept(int listener, Span<byte> address, out int size)
    {
        var length = (uint)address.Length;
        int socket;
        fixed (byte* first = address)
        {
            socket = OnLinux ? AcceptLinux(listener, first, &length, LinuxCloseOnExec) : AcceptNative(listener, first, &length);
        }

        size = (int)Math.Min(length, address.Length);
        if (socket >= 0 && !OnLinux)
        {
            var error = Marshal.GetLastPInvokeError();
            SetCloseOnExec(socket);
            Marshal.SetLastPInvokeError(error);
        }

        return socket;
    }

    /// <summary>Sends a message with a descriptor, without waiting. The descriptor stays open in this process.</summary>
    /// <returns>0, or the error. A message is sent as a whole or not at all, because it is much smaller than the buffer of the socket.</returns>
    public static unsafe int SendDescriptor(int socket, ReadOnlySpan<byte> message, int descriptor)
    {
        var control = stackalloc byte[ControlSize];
        new Span<byte>(control, ControlSize).Clear();
        var header = WriteControlHeader(control, sizeof(int));
        *(int*)(control + header) = descriptor;
        fixed (byte* first = message)
        {
            var part = new IoVector { Base = first, Length = (nuint)message.Length };
            var native = stackalloc byte[MessageHeader.Size];
            MessageHeader.Write(native, &part, control, Aligned(header + sizeof(int)));
            nint sent;
            do
            {
                sent = SendMessage(socket, native, NoWaitFlags);
            }
            while (sent < 0 && Marshal.GetLastPInvokeError() == InterruptedError);

            return sent >= 0 ? 0 : Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>
    /// Reads the available data of a socket without waiting, with the descriptors that came with it. If this process has no descriptor left, the
    /// kernel drops a received one; then -1 is added in its place.
    /// </summary>
    /// <returns>The number of bytes; 0 at the end; -1 after an error.</returns>
    public static unsafe int ReceiveDescriptors(int socket, Span<byte> buffer, Queue<int> descriptors)
    {
        var control = stackalloc byte[ControlSize];
        new Span<byte>(control, ControlSize).Clear();
        fixed (byte* first = buffer)
        {
            var part = new IoVector { Base = first, Length = (nuint)buffer.Length };
            var native = stackalloc byte[MessageHeader.Size];
            MessageHeader.Write(native, &part, control, ControlSize);
            var count = (int)ReceiveMessage(socket, native, NoWaitFlags | (OnLinux ? LinuxCloseReceivedOnExec : 0));
            if (count > 0 && MessageHeader.IsControlTruncated(native))
            {
                descriptors.Enqueue(-1);
            }
            else if (count > 0)
            {
                TakeDescriptors(control, MessageHeader.ControlLength(native), descriptors);
            }

            return count;
        }
    }

    /// <summary>Ends the data in this direction. The other end still reads what was sent before, and can still answer.</summary>
    public static void EndWriting(int socket) => _ = ShutDown(socket, ShutDownWriting);

    private static unsafe void TakeDescriptors(byte* control, int length, Queue<int> descriptors)
    {
        var header = ControlHeaderSize;
        if (length < header + sizeof(int))
        {
            return;
        }

        var (size, level, type) = OnLinux
            ? ((int)*(nuint*)control, *(int*)(control + sizeof(nuint)), *(int*)(control + sizeof(nuint) + sizeof(int)))
            : (*(int*)control, *(int*)(control + 4), *(int*)(control + 8));
        if (level != SocketLevel || type != RightsType)
        {
            return;
        }

        var count = Math.Min((Math.Min(size, length) - header) / sizeof(int), MaxDescriptors);
        for (var i = 0; i < count; i++)
        {
            var descriptor = ((int*)(control + header))[i];
            if (!OnLinux)
            {
                SetCloseOnExec(descriptor);
            }

            descriptors.Enqueue(descriptor);
        }
    }

    /// <summary><c>struct cmsghdr</c>: on Linux a <c>size_t</c> and two integers, on macOS three integers.</summary>
    private static int ControlHeaderSize => OnLinux ? Aligned(nint.Size + (2 * sizeof(int))) : 3 * sizeof(int);

    private static unsafe int WriteControlHeader(byte* control, int dataSize)
    {
        var header = ControlHeaderSize;
        if (OnLinux)
        {
            *(nuint*)control = (nuint)(header + dataSize);
            *(int*)(control + sizeof(nuint)) = SocketLevel;
            *(int*)(control + sizeof(nuint) + sizeof(int)) = RightsType;
        }
        else
        {
            *(int*)control = header + dataSize;
            *(int*)(control + 4) = SocketLevel;
            *(int*)(control + 8) = RightsType;
        }

        return header;
    }

    private static int Aligned(int size)
    {
        var unit = OnLinux ? nint.Size : sizeof(int);
        return (size + unit - 1) / unit * unit;
    }

    /// <summary>
    /// <c>struct msghdr</c>. The numbers after the pointers have the size of a pointer on Linux; musl gives them 32 bits and padding, which is
    /// the same on little-endian machines. On macOS they have 32 bits.
    /// </summary>
    private static unsafe class MessageHeader
    {
        public const int Size = 64;

        public static void Write(byte* header, IoVector* part, byte* control, int controlLength)
        {
            new Span<byte>(header, Size).Clear();
            var p = nint.Size;
            *(nint*)(header + (2 * p)) = (nint)part;
            *(int*)(header + (3 * p)) = 1;
            *(nint*)(header + (4 * p)) = (nint)control;
            *(int*)(header + (5 * p)) = controlLength;
        }

        public static bool IsControlTruncated(byte* header) => OnLinux
            ? (*(int*)(header + (6 * nint.Size)) & 8) != 0
            : (*(int*)(header + (5 * nint.Size) + sizeof(int)) & 0x20) != 0;

        public static int ControlLength(byte* header) => *(int*)(header + (5 * nint.Size));
    }

    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    private static unsafe partial int AcceptLinux(int listener, byte* address, uint* size, int flags);

    [LibraryImport("libc", EntryPoint = "accept", SetLastError = true)]
    private static unsafe partial int AcceptNative(int listener, byte* address, uint* size);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static unsafe partial nint SendMessage(int socket, byte* message, int flags);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static unsafe partial nint ReceiveMessage(int socket, byte* message, int flags);

    [LibraryImport("libc", EntryPoint = "shutdown")]
    private static partial int ShutDown(int socket, int how);
}
