using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The sender of a message: unix(7), SO_PASSCRED.</summary>
internal static partial class Linux
{
    private const int SocketLevel = 1;
    private const int PassCredentials = 16;
    private const int DoNotWait = 0x40;
    private const int ControlHeaderLength = 16;
    private const int Interrupted = 4;

    /// <summary>Makes the kernel attach the id of the sending process to each message.</summary>
    public static void AskForCredentials(Socket socket) => socket.SetRawSocketOption(SocketLevel, PassCredentials, BitConverter.GetBytes(1));

    /// <summary>Receives the next message and its sender. The result is negative when no message has come in time.</summary>
    public static unsafe int Receive(Socket socket, byte[] buffer, bool wait, out int processId)
    {
        var control = stackalloc byte[64];
        fixed (byte* start = buffer)
        {
            var vector = new IoVector { Start = start, Length = (nuint)buffer.Length };
            var header = new MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = 64 };
            int length;
            do
            {
                length = (int)ReceiveMessage(socket.SafeHandle, &header, wait ? 0 : DoNotWait);
            }
            while (length < 0 && Marshal.GetLastPInvokeError() == Interrupted);

            processId = header.ControlLength > ControlHeaderLength ? *(int*)(control + ControlHeaderLength) : 0;
            return length;
        }
    }

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static unsafe partial nint ReceiveMessage(SafeSocketHandle socket, MessageHeader* message, int flags);

    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct IoVector
    {
        public byte* Start;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct MessageHeader
    {
        public byte* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
