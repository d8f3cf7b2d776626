using System.Buffers.Binary;
using System.Net.Sockets;

namespace Cotyledon.Hosting.Cli.Client;

/// <summary>The process that listens at the other end of a Unix socket, as the kernel reports it in this pid namespace.</summary>
internal readonly record struct PeerCredentials(int ProcessId, uint UserId)
{
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int PeerOption = 17; // SO_PEERCRED

    /// <returns><see langword="null"/> if the system does not say it.</returns>
    public static PeerCredentials? Of(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        // struct ucred: pid, uid, gid.
        Span<byte> credentials = stackalloc byte[12];
        try
        {
            return socket.GetRawSocketOption(SocketLevel, PeerOption, credentials) == credentials.Length
                ? new PeerCredentials(Integer(credentials), (uint)Integer(credentials[4..]))
                : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static int Integer(ReadOnlySpan<byte> bytes) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : BinaryPrimitives.ReadInt32BigEndian(bytes);
}
