using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Cotyledon.Hosting.Processes;

/// <summary>Calls to kernel32 on Windows that concern handles and processes. Calls for pipes: <c>Kernel32.Pipes.cs</c>.</summary>
internal static unsafe partial class Kernel32
{
    /// <summary>The pseudo handle of this process: GetCurrentProcess.</summary>
    public const nint CurrentProcess = -1;

    public const uint Overlapped = 0x40000000; // FILE_FLAG_OVERLAPPED
    public const uint Inherit = 1; // HANDLE_FLAG_INHERIT
    public const uint PipeType = 3; // FILE_TYPE_PIPE
    public const uint SameAccess = 2; // DUPLICATE_SAME_ACCESS

    private const uint ReadAndWrite = 0xC0000000; // GENERIC_READ | GENERIC_WRITE
    private const uint OpenExisting = 3;
    private const uint ShareReadAndWrite = 3;

    /// <summary>Opens a pipe or a device for reading and writing. Processes that this process starts may inherit the handle.</summary>
    /// <exception cref="NativeException">It cannot be opened.</exception>
    public static SafeFileHandle OpenInheritable(string name, uint flags)
    {
        var security = new SecurityAttributes { Size = sizeof(SecurityAttributes), IsInheritable = 1 };
        var handle = new SafeFileHandle(CreateFile(name, ReadAndWrite, ShareReadAndWrite, &security, OpenExisting, flags, 0), ownsHandle: true);
        return handle.IsInvalid ? throw new NativeException($"Cannot open {name}", Marshal.GetLastPInvokeError()) : handle;
    }

    [LibraryImport("kernel32", EntryPoint = "CreateFileW", StringMarshalling = StringMarshalling.Utf16, SetLastError = true)]
    private static partial nint CreateFile(
        string name, uint access, uint share, SecurityAttributes* security, uint creation, uint flags, nint template);

    [LibraryImport("kernel32", EntryPoint = "CreateNamedPipeW", StringMarshalling = StringMarshalling.Utf16, SetLastError = true)]
    public static partial nint CreateNamedPipe(
        string name, uint openMode, uint pipeMode, int maxInstances, int outSize, int inSize, int timeout, nint security);

    [LibraryImport("kernel32", EntryPoint = "SetHandleInformation", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool SetHandleInformation(nint handle, uint mask, uint flags);

    [LibraryImport("kernel32", EntryPoint = "GetFileType", SetLastError = true)]
    public static partial uint GetFileType(nint handle);

    [LibraryImport("kernel32", EntryPoint = "DuplicateHandle", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool DuplicateHandle(
        nint sourceProcess, nint handle, nint targetProcess, out nint duplicate, uint access, int isInheritable, uint options);

    /// <summary>Returns the milliseconds since the start of the machine, including those in which it was suspended.</summary>
    [LibraryImport("kernel32", EntryPoint = "GetTickCount64")]
    public static partial long GetTickCount();

    [LibraryImport("kernel32", EntryPoint = "TerminateProcess", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool TerminateProcess(nint process, int exitCode);

    [StructLayout(LayoutKind.Sequential)]
    private struct SecurityAttributes
    {
        public int Size;
        public nint Descriptor;
        public int IsInheritable;
    }
}
