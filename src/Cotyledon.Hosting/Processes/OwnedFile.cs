using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;

namespace Cotyledon.Hosting.Processes;

/// <summary>Describes a file without following a link. Device and inode identify it.</summary>
internal readonly record struct FileFacts(uint Mode, uint UserId, uint GroupId, ulong Device, ulong Inode)
{
    private const uint TypeMask = 0xf000;

    public bool IsDirectory => (Mode & TypeMask) == 0x4000;

    public bool IsSocket => (Mode & TypeMask) == 0xc000;

    public bool IsLink => (Mode & TypeMask) == 0xa000;

    /// <summary>Returns whether it is the same file, even if its mode has changed.</summary>
    public bool IsSameAs(FileFacts? other) => other is { } o && (o.Device, o.Inode) == (Device, Inode);
}

/// <summary>Calls for files with an owner, a group and a mode. They return 0, or the error.</summary>
[SuppressMessage("Interoperability", "CA5392", Justification = "libc is found by the system's loader only.")]
internal static partial class OwnedFile
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint BasicFacts = 0x7ff; // STATX_BASIC_STATS
    private const uint Unchanged = uint.MaxValue;

    public static uint UserId => GetEffectiveUser();

    /// <summary>Returns the facts of a file, or null if it does not exist or cannot be examined.</summary>
    public static unsafe FileFacts? Read(string path)
    {
        Span<byte> stat = stackalloc byte[256];
        fixed (byte* first = stat)
        {
            return OperatingSystem.IsLinux() ? ReadLinux(path, first) : ReadMac(path, first);
        }
    }

    public static int CreateDirectory(string path, uint mode) => MakeDirectory(path, mode) == 0 ? 0 : Marshal.GetLastPInvokeError();

    public static int SetMode(string path, uint mode) => ChangeMode(path, mode) == 0 ? 0 : Marshal.GetLastPInvokeError();

    public static int SetGroup(string path, uint group) =>
        ChangeOwner(path, Unchanged, group) == 0 ? 0 : Marshal.GetLastPInvokeError();

    public static int Delete(string path) => Unlink(path) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Returns the number of a group, or null if there is no group of this name.</summary>
    public static unsafe uint? FindGroup(string name)
    {
        // struct group: name, password, number, members. The buffer has the members, so it grows until it is large enough.
        var group = stackalloc byte[4 * sizeof(nint)];
        for (var size = 1024; size <= 1024 * 1024; size *= 4)
        {
            var buffer = new byte[size];
            byte* found = null;
            fixed (byte* first = buffer)
            {
                const int rangeError = 34; // ERANGE
                var error = GetGroup(name, group, first, (nuint)size, &found);
                if (error != rangeError)
                {
                    return error == 0 && found is not null ? *(uint*)(group + (2 * sizeof(nint))) : null;
                }
            }
        }

        return null;
    }

    private static unsafe FileFacts? ReadLinux(string path, byte* stat)
    {
        // struct statx has the same layout on all architectures. A C library without statx(2) (musl before 1.2.5) has syscall(2).
        int result;
        try
        {
            result = Stat(CurrentDirectory, path, NoFollow, BasicFacts, stat);
        }
        catch (EntryPointNotFoundException)
        {
            fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"))
            {
                result = (int)SystemCall(StatNumber, CurrentDirectory, name, NoFollow, (nint)BasicFacts, stat);
            }
        }

        return result != 0 ? null : new FileFacts(
            *(ushort*)(stat + 28),
            *(uint*)(stat + 20),
            *(uint*)(stat + 24),
            ((ulong)*(uint*)(stat + 136) << 32) | *(uint*)(stat + 140),
            *(ulong*)(stat + 32));
    }

    private static nint StatNumber => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 332,
        Architecture.X86 => 383,
        Architecture.Arm => 397,
        _ => 291,
    };

    private static unsafe FileFacts? ReadMac(string path, byte* stat)
    {
        var result = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? LinkStat(path, stat) : LinkStat64(path, stat);
        return result != 0 ? null : new FileFacts(
            *(ushort*)(stat + 4), *(uint*)(stat + 16), *(uint*)(stat + 20), *(uint*)stat, *(ulong*)(stat + 8));
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "mkdir", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int MakeDirectory(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "chmod", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int ChangeMode(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "lchown", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int ChangeOwner(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "unlink", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Unlink(string path);

    [LibraryImport("libc", EntryPoint = "getgrnam_r", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int GetGroup(string name, byte* group, byte* buffer, nuint size, byte** found);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial int Stat(int directory, string path, int flags, uint mask, byte* stat);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static unsafe partial nint SystemCall(nint number, nint directory, byte* path, nint flags, nint mask, byte* stat);

    [LibraryImport("libc", EntryPoint = "lstat", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial int LinkStat(string path, byte* stat);

    [LibraryImport("libc", EntryPoint = "lstat$INODE64", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial int LinkStat64(string path, byte* stat);
}
