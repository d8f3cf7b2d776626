using System.IO.Pipes;
using System.Net.Sockets;
using Cotyledon.Hosting.Cli.Client;

namespace Cotyledon.Hosting.Cli.Discovery;

/// <summary>Connects to sockets and waits for the greeting.</summary>
internal sealed class Connector(ToolEnvironment environment)
{
    public async Task<Attempt> TryAsync(ControlSocket socket, CancellationToken deadline)
    {
        Attempt connected = new(socket, AttemptOutcome.Dead);
        try
        {
            var (stream, peer) = await OpenAsync(socket.Path, deadline);
            if (!IsOwner(socket.Name, peer))
            {
                await stream.DisposeAsync();
                return connected;
            }

            connected = connected with { Peer = peer };
            return connected with { Outcome = AttemptOutcome.Connected, Client = await ControlClient.GreetAsync(stream, deadline) };
        }
        catch (OperationCanceledException)
        {
            return connected with { Outcome = AttemptOutcome.Silent };
        }
        catch (ToolException e)
        {
            var outcome = e switch
            {
                { ExitCode: ExitCodes.NotPermitted } => AttemptOutcome.Denied,
                { IsAnswer: true } => AttemptOutcome.Busy,
                _ => AttemptOutcome.Broken,
            };
            return connected with { Outcome = outcome, Error = e.Message };
        }
        catch (Exception e) when (e is UnauthorizedAccessException or SocketException { SocketErrorCode: SocketError.AccessDenied })
        {
            return connected with { Outcome = AttemptOutcome.Denied };
        }
        catch (Exception e) when (e is IOException or SocketException or TimeoutException)
        {
            return connected;
        }
    }

    private async Task<(Stream Stream, PeerCredentials? Peer)> OpenAsync(string path, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
        {
            var pipe = new NamedPipeClientStream(".", path, PipeDirection.InOut, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
            await pipe.ConnectAsync(cancellationToken);
            return (pipe, null);
        }

        var socket = await UnixConnector.ConnectAsync(path, environment.Time, cancellationToken);
        return (new NetworkStream(socket, ownsSocket: true), PeerCredentials.Of(socket));
    }

    /// <summary>
    /// Whether the pid in the file name is that of the process that listens, in the pid namespace of that process. Other software may have a
    /// socket with a similar name.
    /// </summary>
    private bool IsOwner(SocketName? name, PeerCredentials? peer)
    {
        if (name is null || peer is not { ProcessId: > 0 } process)
        {
            return true;
        }

        try
        {
            var ids = File.ReadLines($"{environment.ProcessDirectory}/{process.ProcessId}/status")
                .FirstOrDefault(line => line.StartsWith("NSpid:", StringComparison.Ordinal));
            return ids is null || ids.Split('\t', StringSplitOptions.RemoveEmptyEntries)[^1] == $"{name.ProcessId}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }
}
