using Cotyledon.Hosting.Cli.Client;

namespace Cotyledon.Hosting.Cli.Discovery;

/// <summary>The outcome of an attempt to connect.</summary>
internal enum AttemptOutcome
{
    /// <summary>The program has sent its greeting.</summary>
    Connected,

    /// <summary>A file that is left over, or not of a program.</summary>
    Dead,

    /// <summary>It belongs to another user.</summary>
    Denied,

    /// <summary>Something listens, and does not answer in time.</summary>
    Silent,

    /// <summary>It is a program, and refused the connection: as many as it allows are open.</summary>
    Busy,

    /// <summary>It closed the connection, or sent something else than a greeting.</summary>
    Broken,
}

/// <param name="Socket">The socket.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Client">The connection, if there is one.</param>
/// <param name="Peer">The process that listens, if the system says it.</param>
/// <param name="Error">The error, if it is broken or busy.</param>
internal sealed record Attempt(
    ControlSocket Socket, AttemptOutcome Outcome, ControlClient? Client = null, PeerCredentials? Peer = null, string? Error = null)
{
    /// <summary>The pid as it is seen from here; the program itself may see another one, in a container.</summary>
    public int ProcessId => Peer is { ProcessId: > 0 } peer ? peer.ProcessId : Client?.Greeting.Pid ?? Socket.Name?.ProcessId ?? 0;

    /// <summary>The name of the application, or what its file name says.</summary>
    public string App => Client?.Greeting.App ?? Socket.Name?.App ?? Path.GetFileName(Socket.Path);

    /// <summary>Whether the operator means this program.</summary>
    /// <param name="selector">A name or a pid.</param>
    public bool Matches(string selector)
    {
        if (int.TryParse(selector, out var processId))
        {
            return processId == ProcessId || processId == Client?.Greeting.Pid || processId == Socket.Name?.ProcessId;
        }

        return Client is null && Socket.Name is { } name
            ? name.CanBe(selector, Socket.Path)
            : App.Equals(selector, StringComparison.OrdinalIgnoreCase);
    }
}
