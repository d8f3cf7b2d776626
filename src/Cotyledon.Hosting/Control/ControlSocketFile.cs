using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Control;

/// <summary>A listening socket with a file.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class ControlSocketFile
{
    private const uint OwnerMode = 0b110_000_000;
    private const uint GroupMode = 0b110_110_000;
    private const int MaxAttempts = 9;

    private readonly FileFacts? _file;

    private ControlSocketFile(int socket, string path) => (Socket, Path, _file) = (socket, path, OwnedFile.Read(path));

    public int Socket { get; }

    public string Path { get; }

    /// <summary>Creates the socket in the first usable directory.</summary>
    /// <exception cref="ControlException">No directory can be used; the message has the reason for each.</exception>
    public static ControlSocketFile Open(ControlSettings settings, string program)
    {
        var group = settings.Group is { } name ? GroupOf(name) : (uint?)null;
        var problems = new List<string>();
        foreach (var directory in ControlDirectory.Candidates(settings.Directory, OwnedFile.UserId, Environment.GetEnvironmentVariable))
        {
            try
            {
                if (ControlDirectory.Prepare(directory, group) is not { } problem)
                {
                    return Create(directory, program, Environment.ProcessId, group);
                }

                problems.Add(problem);
            }
            catch (ControlException e)
            {
                problems.Add(e.Message);
            }
        }

        throw new ControlException(string.Join("; ", problems));
    }

    /// <summary>Creates the socket in a directory that was prepared.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="program">The name of the program.</param>
    /// <param name="processId">The process id of the master.</param>
    /// <param name="group">The group that gets access, or null.</param>
    /// <exception cref="ControlException">The socket cannot be created.</exception>
    public static ControlSocketFile Create(string directory, string program, int processId, uint? group)
    {
        var name = ControlSocketName.Base(program, directory, Libc.MaxSocketPath)
            ?? throw new ControlException($"the path {directory} is too long for a socket");
        DeleteStale(directory, name);
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var path = System.IO.Path.Combine(directory, ControlSocketName.Of(name, processId, attempt));
            if (TryCreate(path, group) is { } created)
            {
                return created;
            }
        }

        throw new ControlException($"all names for the socket are in use in {directory}");
    }

    /// <summary>Closes the socket, and deletes its file if no other program has replaced it.</summary>
    public void Close()
    {
        // The file first: while it exists, it can be connected.
        DeleteFile();
        _ = Libc.Close(Socket);
    }

    public void DeleteFile()
    {
        if (_file is { } file && file.IsSameAs(OwnedFile.Read(Path)))
        {
            _ = OwnedFile.Delete(Path);
        }
    }

    /// <summary>Returns the socket, or null if another program listens at the path.</summary>
    private static ControlSocketFile? TryCreate(string path, uint? group)
    {
        var socket = Libc.NewUnixSocket();
        try
        {
            var error = Libc.Bind(socket, path, OwnerMode);
            if (error == Libc.AddressInUseError)
            {
                if (IsInUse(path))
                {
                    _ = Libc.Close(socket);
                    return null;
                }

                // Left by a process that was killed and had the same process id.
                _ = OwnedFile.Delete(path);
                error = Libc.Bind(socket, path, OwnerMode);
            }

            return error == 0
                ? Listen(socket, path, group)
                : throw new ControlException($"{path} cannot be created: {Marshal.GetPInvokeErrorMessage(error)}");
        }
        catch
        {
            _ = Libc.Close(socket);
            throw;
        }
    }

    private static ControlSocketFile? Listen(int socket, string path, uint? group)
    {
        Libc.Listen(socket);
        var file = new ControlSocketFile(socket, path);
        if (file._file is null)
        {
            // Another program has deleted it as stale, between bind and listen.
            _ = Libc.Close(socket);
            return null;
        }

        if (group is { } number && Open(path, number) is not 0 and var error)
        {
            file.DeleteFile();
            throw new ControlException($"group {number} cannot get access to {path}: {Marshal.GetPInvokeErrorMessage(error)}");
        }

        return file;
    }

    /// <summary>Lets a group connect: the group first, so that no other group gets access in between.</summary>
    private static int Open(string path, uint group) => OwnedFile.SetGroup(path, group) is not 0 and var error
        ? error
        : OwnedFile.SetMode(path, GroupMode);

    private static uint GroupOf(string name) =>
        uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : OwnedFile.FindGroup(name) ?? throw new ControlException($"there is no group '{name}' (Cotyledon:Control:Group)");

    /// <summary>Deletes the sockets of masters of the same program that were killed.</summary>
    private static void DeleteStale(string directory, string name)
    {
        try
        {
            foreach (var path in Directory.EnumerateFiles(directory, name + ".*"))
            {
                if (ControlSocketName.IsOf(name, System.IO.Path.GetFileName(path)) && !IsInUse(path))
                {
                    _ = OwnedFile.Delete(path);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The directory cannot be listed. Stale files stay; discovery ignores them.
        }
    }

    /// <summary>Returns whether a program listens at a path. If this is not certain, or if it is not a socket, the file is kept.</summary>
    private static bool IsInUse(string path)
    {
        if (OwnedFile.Read(path) is { IsSocket: false })
        {
            return true;
        }

        var socket = Libc.NewUnixSocket();
        var error = Libc.Connect(socket, path);
        _ = Libc.Close(socket);
        return error != Libc.ConnectionRefusedError && error != Libc.NotFoundError;
    }
}
