using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>Starts a program with chosen descriptors: posix_spawn(3).</summary>
/// <remarks>
/// Not <c>System.Diagnostics.Process</c>: it reports exit code 137 and death by SIGKILL alike, reaps at its own time, leaves the
/// channel's descriptor open to whatever else the program starts in the meantime, and cannot drain a pipe at exit without
/// waiting for its end. Children started here are unknown to <c>Process</c>, and so are reaped by nobody else.
/// </remarks>
[SuppressMessage("Interoperability", "CA5392", Justification = "libc is found by the system's loader only.")]
internal static unsafe partial class PosixSpawn
{
    /// <summary>A program's number for the first of its sockets.</summary>
    public const int FirstSocket = 3;

    private const short SetProcessGroup = 0x02; // Of its own, unless another one is named.
    private const short SetSignalDefaults = 0x04;
    private const short SetSignalMask = 0x08;
    private const short AppleCloseOnExecByDefault = 0x4000;
    private const int BrokenPipeSignal = 13;
    private const int TerminalInputSignal = 21;
    private const int TerminalOutputSignal = 22;
    private const int TerminateSignal = 15;
    private const int NoEntryError = 2; // ENOENT, the same everywhere
    private const int ReadOnly = 0;

    // The opaque types of the C libraries are at most 336 bytes (glibc's posix_spawnattr_t), a signal set 128.
    private const int OpaqueSize = 1024;

    /// <summary>Starts the program and returns its process id.</summary>
    /// <param name="command">Program, arguments, directory.</param>
    /// <param name="environment">The whole environment.</param>
    /// <param name="sockets">
    /// Become <see cref="FirstSocket"/> and those after it in the program, one after the other: no one's number may be that of one
    /// before it.
    /// </param>
    /// <param name="standardError">Becomes its standard error. Its standard input is empty, its standard output is ours.</param>
    /// <exception cref="NativeException">It could not be started.</exception>
    public static int Start(
        ProgramCommand command, NativeStrings environment, IReadOnlyList<int> sockets, int standardError)
    {
        var actions = stackalloc byte[OpaqueSize];
        var attributes = stackalloc byte[OpaqueSize];
        Check("posix_spawn_file_actions_init", InitActions(actions));
        Check("posix_spawnattr_init", InitAttributes(attributes));
        try
        {
            Check("addopen", AddOpen(actions, 0, "/dev/null", ReadOnly, 0));
            Check("adddup2", AddDuplicate(actions, standardError, 2));
            for (var i = 0; i < sockets.Count; i++)
            {
                Check("adddup2", AddDuplicate(actions, sockets[i], FirstSocket + i));
            }

            AddDirectory(actions, command.Directory);
            SetGroupAndSignals(attributes);
            using var arguments = new NativeStrings([command.File, .. command.Arguments]);
            int processId;
            CheckDirectory(command.Directory);
            Check($"Cannot start {command.File}", Spawn(
                &processId, command.File, actions, attributes, arguments.Pointer, environment.Pointer));
            return processId;
        }
        finally
        {
            _ = DestroyAttributes(attributes);
            _ = DestroyActions(actions);
        }
    }

    /// <summary>The error of the start itself blames the executable.</summary>
    private static void CheckDirectory(string directory)
    {
        if (!Directory.Exists(directory))
        {
            throw new NativeException(
                $"The working directory {directory} of the master",
                NoEntryError,
                "It was removed since the master was started there, so no worker can be started. Restart the master in a directory that stays.");
        }
    }

    private static void AddDirectory(byte* actions, string directory)
    {
        try
        {
            Check("addchdir", AddDirectoryNative(actions, directory));
        }
        catch (EntryPointNotFoundException)
        {
            // glibc before 2.29: the worker starts where the master is now.
        }
    }

    /// <summary>
    /// A process group of its own, so that what it leaves behind can be found. That makes it a background process of a terminal:
    /// SIGTTOU would stop the whole group when one of it writes there (stty tostop), and SIGTTIN when one of it reads (a password
    /// prompt of ssh, sudo or git). Both are blocked, so that such a read fails with EIO instead. SIGPIPE, SIGCHLD and SIGTERM are as
    /// usual: what is ignored stays so in the next program. What else is ignored was so when we were started (nohup), and holds for
    /// the workers as well.
    /// </summary>
    private static void SetGroupAndSignals(byte* attributes)
    {
        var set = stackalloc byte[OpaqueSize];
        _ = EmptySignalSet(set);
        _ = AddToSignalSet(set, TerminalInputSignal);
        _ = AddToSignalSet(set, TerminalOutputSignal);
        Check("setsigmask", SetMask(attributes, set));
        _ = EmptySignalSet(set);
        _ = AddToSignalSet(set, BrokenPipeSignal);
        _ = AddToSignalSet(set, ChildSignal.Number);
        _ = AddToSignalSet(set, TerminateSignal);
        Check("setsigdefault", SetDefaults(attributes, set));
        var apple = OperatingSystem.IsMacOS() ? AppleCloseOnExecByDefault : (short)0;
        Check("setflags", SetFlags(attributes, (short)(SetProcessGroup | SetSignalDefaults | SetSignalMask | apple)));
    }

    private static void Check(string call, int error)
    {
        if (error != 0)
        {
            throw new NativeException(call, error);
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Spawn(
        int* processId, string path, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int InitActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int DestroyActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int AddDuplicate(byte* actions, int descriptor, int target);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddOpen(byte* actions, int target, string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addchdir_np", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddDirectoryNative(byte* actions, string path);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static partial int InitAttributes(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static partial int DestroyAttributes(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static partial int SetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static partial int SetMask(byte* attributes, byte* set);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static partial int SetDefaults(byte* attributes, byte* set);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    private static partial int EmptySignalSet(byte* set);

    [LibraryImport("libc", EntryPoint = "sigaddset")]
    private static partial int AddToSignalSet(byte* set, int signal);
}
