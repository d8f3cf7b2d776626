using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Cotyledon.Hosting.Cli.Discovery;

/// <summary>Connects to Unix sockets, also to those with a path that is too long for an address.</summary>
internal static class UnixConnector
{
    /// <summary>An address has 108 bytes on Linux and 104 on macOS, the last of which is zero.</summary>
    private static readonly int MaxPath = OperatingSystem.IsMacOS() ? 103 : 107;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    /// <exception cref="SocketException">The program does not run any more, or the socket may not be used.</exception>
    public static async Task<Socket> ConnectAsync(string path, TimeProvider time, CancellationToken cancellationToken)
    {
        var directory = -1;
        try
        {
            if (Encoding.UTF8.GetByteCount(path) > MaxPath)
            {
                directory = Libc.OpenDirectory(Path.GetDirectoryName(path)!);
                path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{directory}/{Path.GetFileName(path)}");
            }

            return Encoding.UTF8.GetByteCount(path) <= MaxPath
                ? await ConnectAsync(new UnixDomainSocketEndPoint(path), time, cancellationToken)
                : throw new SocketException((int)SocketError.AddressNotAvailable);
        }
        finally
        {
            if (directory >= 0)
            {
                _ = Libc.Close(directory);
            }
        }
    }

    /// <summary>The queue of a program that is paused, or very busy, can be full.</summary>
    private static async Task<Socket> ConnectAsync(UnixDomainSocketEndPoint endPoint, TimeProvider time, CancellationToken cancellationToken)
    {
        using var retry = new PeriodicTimer(RetryDelay, time);
        while (true)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(endPoint, cancellationToken);
                return socket;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.TryAgain)
            {
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }

            await retry.WaitForNextTickAsync(cancellationToken);
        }
    }
}
