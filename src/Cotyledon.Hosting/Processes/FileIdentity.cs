using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Cotyledon.Hosting.Processes;

/// <summary>Identifies the file of an open handle, independently of its name.</summary>
[SuppressMessage("Interoperability", "CA5392", Justification = "libc is found by the system's loader only.")]
internal static partial class FileIdentity
{
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const uint InodeMask = 0x100; // STATX_INO

    /// <summary>
    /// Returns device and inode on Linux, or the path without links if the C library has no statx(2) (musl before 1.2.5). Returns "" on
    /// other systems.
    /// </summary>
    public static string Of(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            return "";
        }

        try
        {
            return StatOf(file);
        }
        catch (EntryPointNotFoundException)
        {
            return File.ResolveLinkTarget($"/proc/self/fd/{file.DangerousGetHandle()}", returnFinalTarget: false)?.FullName ?? "";
        }
    }

    private static unsafe string StatOf(SafeFileHandle file)
    {
        // struct statx has the same layout on all architectures: 256 bytes, the inode at 32, major and minor number of the device at 136.
        Span<byte> stat = stackalloc byte[256];
        fixed (byte* first = stat)
        {
            if (Stat(file, "", EmptyPath, InodeMask, first) != 0)
            {
                return "";
            }
        }

        return $"{MemoryMarshal.Read<ulong>(stat[136..])}:{MemoryMarshal.Read<ulong>(stat[32..])}";
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial int Stat(SafeFileHandle directory, string path, int flags, uint mask, byte* stat);
}
