using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>Starts a program with chosen descriptors: posix_spawn(3).</summary>
/// <remarks>
/// <c>System.Diagnostics.Process</c> is not used: it does not distinguish exit code 137 from SIGKILL, reaps at a time of its own, would
/// need an inheritable descriptor of the channel, which other children of the program could inherit too, and cannot read the rest of a pipe
/// at the exit without waiting for its end. <c>Process</c> does not know the children that are started here, so it does not reap them, except
/// in process 1, where it reaps all children from its first use on.
/// </remarks>
[SuppressMessage("Interoperability", "CA5392", Justification = "libc is found by the system's loader only.")]
internal static unsafe partial class PosixSpawn
{
    /// <summary>The descriptor of the first socket in the started program.</summary>
    public const int FirstSocket = 3;

    private const short SetProcessGroup = 0x02; // A new process group, because no other group is set.
    private const short SetSignalDefaults = 0x04;
    private const short SetSignalMask = 0x08;
    private const short AppleCloseOnExecByDefault = 0x4000;
    private const int BrokenPipeSignal = 13;
    private const int TerminalInputSignal = 21;
    private const int TerminalOutputSignal = 22;
    private const int TerminateSignal = 15;
    private const int NoEntryError = 2; // ENOENT, the same everywhere
    private const int ReadOnly = 0;
    private const string NullDevice = "/dev/null";

    // The opaque types of the C libraries have at most 336 bytes (posix_spawnattr_t of glibc), and a signal set has 128.
    private const int OpaqueSize = 1024;

    /// <summary>Starts the program and returns its process id.</summary>
    /// <param name="command">The program, its arguments and its directory.</param>
    /// <param name="environment">The whole environment.</param>
    /// <param name="descriptors">
    /// The sockets and files, which get the numbers from <see cref="FirstSocket"/> on in the program. They must not have such a number in this
    /// process, because one would replace another.
    /// </param>
    /// <param name="standardError">
    /// The standard error of the program. Its standard input is empty; its standard output is that of this process.
    /// </param>
    /// <exception cref="NativeException">The program could not be started.</exception>
    public static int Start(
        ProgramCommand command, NativeStrings environment, IReadOnlyList<int> descriptors, int standardError)
    {
        var actions = stackalloc byte[OpaqueSize];
        var attributes = stackalloc byte[OpaqueSize];
        Check("posix_spawn_file_actions_init", InitActions(actions));
        Check("posix_spawnattr_init", InitAttributes(attributes));
        try
        {
            Check("addopen", AddOpen(actions, 0, NullDevice, ReadOnly, 0));
            Check("adddup2", AddDuplicate(actions, standardError, 2));
            for (var i = 0; i < descriptors.Count; i++)
            {
                Check("adddup2", AddDuplicate(actions, descriptors[i], FirstSocket + i));
            }

            InheritStandardOutput(actions);
            AddDirectory(actions, command.Directory);
            SetGroupAndSignals(attributes);
            using var arguments = new NativeStrings([command.File, .. command.Arguments]);
            int processId;
            CheckDirectory(command.Directory);
            var error = Spawn(&processId, command.File, actions, attributes, arguments.Pointer, environment.Pointer);
            if (error != 0)
            {
                CheckNullDevice();
            }

            Check($"Cannot start {command.File}", error, error == Libc.TryAgainError ? Threads.LimitAdvice : "");
            return processId;
        }
        finally
        {
            _ = DestroyAttributes(attributes);
            _ = DestroyActions(actions);
        }
    }

    /// <summary>Checks that the directory exists, because the error of posix_spawn would name the executable only.</summary>
    private static void CheckDirectory(string directory)
    {
        if (!Directory.Exists(directory))
        {
            throw new NativeException(
                $"Cannot use the working directory {directory} of the master",
                NoEntryError,
                "The directory was removed after the start of the master, so no worker can be started. Restart the master in a permanent directory.");
        }
    }

    /// <summary>Checks the device after an error, because the error of posix_spawn would name the executable only.</summary>
    private static void CheckNullDevice()
    {
        if (!Libc.CanOpen(NullDevice) && Marshal.GetLastPInvokeError() is not (Libc.TooManyFilesError or Libc.TooManyFilesInSystemError))
        {
            throw new NativeException(
                $"Cannot open the device {NullDevice}",
                Marshal.GetLastPInvokeError(),
                "The device is the standard input of workers. Create it in the container or the root directory of the service.");
        }
    }

    /// <summary>Standard output is the only descriptor that no other action sets. On Linux it is inherited anyway.</summary>
    private static void InheritStandardOutput(byte* actions)
    {
        if (OperatingSystem.IsMacOS())
        {
            Check("addinherit", AddInherited(actions, 1));
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
            // glibc before 2.29 has no such function: the worker starts in the current directory of the master.
        }
    }

    /// <summary>
    /// Gives the worker its own process group, so that the master can kill the processes that it leaves behind.
    /// </summary>
    /// <remarks>
    /// <para>
    /// The group is a background group of the terminal: SIGTTOU would stop it when one of its processes writes to the terminal (stty
    /// tostop), and SIGTTIN when one reads from it (a password prompt of ssh, sudo or git). Both signals are blocked, so such a write
    /// succeeds and such a read fails with EIO.
    /// </para>
    /// <para>
    /// SIGPIPE, SIGCHLD and SIGTERM get their default action, because an ignored signal stays ignored in the started program, and the
    /// runtime ignores SIGPIPE. Other signals that were ignored at the start of the master (nohup) stay ignored in workers.
    /// </para>
    /// </remarks>
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

    private static void Check(string call, int error, string advice = "")
    {
        if (error != 0)
        {
            throw new NativeException(call, error, advice);
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

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addinherit_np")]
    private static partial int AddInherited(byte* actions, int descriptor);

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
