using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Cli;

/// <summary>Calls to the C library.</summary>
[SuppressMessage("Interoperability", "CA5392", Justification = "libc is found by the system's loader only.")]
internal static partial class Libc
{
    private const int Directory = 0x10000; // O_DIRECTORY
    private const int Arm64Directory = 0x4000;
    private const int PathOnly = 0x200000; // O_PATH
    private const short PollError = 8; // POLLERR
    private const int CloseOnExec = 0x80000; // O_CLOEXEC

    public static uint UserId() => GetEffectiveUserId();

    /// <summary>Opens a directory of Linux only to name files in it.</summary>
    /// <returns>-1 if it cannot be opened.</returns>
    public static int OpenDirectory(string path)
    {
        var directory = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? Arm64Directory : Directory;
        return Open(path, directory | PathOnly | CloseOnExec, 0);
    }

    /// <summary>Returns whether the other end of a pipe is closed. The console of .NET ignores the error when it writes.</summary>
    public static bool IsClosed(int descriptor)
    {
        var poll = new PollDescriptor { Descriptor = descriptor };
        return Poll(ref poll, 1, 0) == 1 && (poll.Returned & PollError) != 0;
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollDescriptor descriptors, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    /// <summary>struct pollfd. Errors are reported whatever is requested.</summary>
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Requested;
        public short Returned;
    }
}
