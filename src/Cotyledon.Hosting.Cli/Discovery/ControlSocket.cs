namespace Cotyledon.Hosting.Cli.Discovery;

/// <summary>A socket, or on Windows a named pipe, at which a program may listen.</summary>
/// <param name="Path">Where it is found from here.</param>
/// <param name="Name">What its file name says; <see langword="null"/> if the operator named a file with another name.</param>
internal sealed record ControlSocket(string Path, SocketName? Name);

/// <summary>Finds the sockets of all programs.</summary>
internal interface ISocketFinder
{
    IReadOnlyList<ControlSocket> Find();
}
