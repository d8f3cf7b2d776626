using System.Runtime.InteropServices;
using System.Text;

namespace Cotyledon.Hosting.Processes;

/// <summary>Calls to the C library on Linux and macOS for sockets with a name in the file system.</summary>
internal static partial class Libc
{
    public const int NotFoundError = 2; // ENOENT, the same everywhere

    public const int ExistsError = 17; // EEXIST, the same everywhere

    private const int Backlog = 16;
    private const int LinuxNonBlocking = 0x800; // SOCK_NONBLOCK
    private const int LinuxPeerCredentials = 17; // SO_PEERCRED
    private const int SetFileFlags = 4; // F_SETFL
    private const int MacNonBlocking = 4; // O_NONBLOCK

    public static int AddressInUseError => OnLinux ? 98 : 48;

    public static int ConnectionRefusedError => OnLinux ? 111 : 61;

    /// <summary>The largest number of bytes in the path of a socket; the last byte of <c>sun_path</c> is a null.</summary>
    public static int MaxSocketPath => OnLinux ? 107 : 103;

    /// <summary>Creates a socket that does not block, and is closed in programs that this process starts.</summary>
    /// <exception cref="NativeException">No descriptors are left.</exception>
    public static int NewUnixSocket()
    {
        var socket = SocketNative(UnixFamily, StreamType | (OnLinux ? LinuxCloseOnExec | LinuxNonBlocking : 0), 0);
        return socket >= 0 ? Prepared(socket) : throw new NativeException("socket", Marshal.GetLastPInvokeError());
    }

    /// <summary>Binds a socket to a new file with a mode. The file has this mode, less the umask, when it appears.</summary>
    /// <returns>0, or the error.</returns>
    public static unsafe int Bind(int socket, string path, uint mode)
    {
        // The mode of the file is that of the socket. macOS ignores the mode of a socket; there the directory protects the file.
        _ = ChangeModeOfDescriptor(socket, mode);
        var address = stackalloc byte[AddressSize];
        return BindNative(socket, address, Fill(address, path)) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <exception cref="NativeException">The system refuses it.</exception>
    public static void Listen(int socket)
    {
        if (ListenNative(socket, Backlog) != 0)
        {
            throw new NativeException("listen", Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Starts to connect with a socket, without waiting.</summary>
    /// <returns>0, or the error.</returns>
    public static unsafe int Connect(int socket, string path)
    {
        var address = stackalloc byte[AddressSize];
        return ConnectNative(socket, address, Fill(address, path)) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>Takes a connection.</summary>
    /// <returns>Its socket, or -1 if there is none or no descriptor is left.</returns>
    public static unsafe int Accept(int listener)
    {
        var socket = OnLinux
            ? AcceptLinux(listener, null, null, LinuxCloseOnExec | LinuxNonBlocking)
            : AcceptNative(listener, null, null);
        return socket >= 0 ? Prepared(socket) : -1;
    }

    /// <summary>Returns the user and the process that have connected a socket, or null if they are unknown.</summary>
    public static unsafe (uint UserId, int ProcessId)? PeerOf(int socket)
    {
        if (!OnLinux)
        {
            uint user, group;
            return GetPeer(socket, &user, &group) == 0 ? (user, 0) : null;
        }

        // struct ucred: process, user, group.
        var credentials = stackalloc int[3];
        var size = 3 * sizeof(int);
        return GetSocketOption(socket, 1, LinuxPeerCredentials, credentials, &size) == 0 ? ((uint)credentials[1], credentials[0]) : null;
    }

    private static int AddressSize => OnLinux ? 110 : 106;

    /// <summary>Writes <c>struct sockaddr_un</c> and returns its length.</summary>
    private static unsafe uint Fill(byte* address, string path)
    {
        new Span<byte>(address, AddressSize).Clear();
        var count = Encoding.UTF8.GetBytes(path, new Span<byte>(address + 2, MaxSocketPath));
        if (OnLinux)
        {
            *(ushort*)address = UnixFamily;
        }
        else
        {
            address[0] = (byte)(count + 3);
            address[1] = UnixFamily;
        }

        return (uint)(count + 3);
    }

    private static int Prepared(int socket)
    {
        if (!OnLinux)
        {
            SetCloseOnExec(socket);
            _ = FileControl(socket, SetFileFlags, MacNonBlocking);
        }

        return socket;
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int SocketNative(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    private static partial int ChangeModeOfDescriptor(int descriptor, uint mode);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static unsafe partial int BindNative(int socket, byte* address, uint size);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    private static partial int ListenNative(int socket, int backlog);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static unsafe partial int ConnectNative(int socket, byte* address, uint size);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    private static unsafe partial int AcceptLinux(int listener, void* address, uint* size, int flags);

    [LibraryImport("libc", EntryPoint = "accept", SetLastError = true)]
    private static unsafe partial int AcceptNative(int listener, void* address, uint* size);

    [LibraryImport("libc", EntryPoint = "getpeereid", SetLastError = true)]
    private static unsafe partial int GetPeer(int socket, uint* user, uint* group);
}
