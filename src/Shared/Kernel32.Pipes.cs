using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Cotyledon.Hosting.Processes;

/// <summary>Calls to kernel32 on Windows for overlapped input and output. Compiled into each package that uses pipes itself.</summary>
[SupportedOSPlatform("windows")]
[SuppressMessage("Interoperability", "CA5392", Justification = "kernel32 is loaded from the directory of the system only.")]
internal static unsafe partial class Kernel32
{
    public const int PendingError = 997; // ERROR_IO_PENDING

    [LibraryImport("kernel32", EntryPoint = "ReadFile", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool ReadFile(SafeHandle file, byte* buffer, int size, int* count, NativeOverlapped* overlapped);

    [LibraryImport("kernel32", EntryPoint = "WriteFile", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool WriteFile(SafeHandle file, byte* bytes, int size, int* count, NativeOverlapped* overlapped);

    [LibraryImport("kernel32", EntryPoint = "GetOverlappedResult", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool GetOverlappedResult(
        SafeHandle file, NativeOverlapped* overlapped, out int count, [MarshalAs(UnmanagedType.Bool)] bool wait);

    [LibraryImport("kernel32", EntryPoint = "CancelIoEx", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool CancelOperation(SafeHandle file, NativeOverlapped* overlapped);
}
