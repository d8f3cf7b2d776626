using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>Calls to kernel32 on Windows that start processes.</summary>
internal static unsafe partial class Kernel32
{
    [LibraryImport("kernel32", EntryPoint = "CreateProcessW", StringMarshalling = StringMarshalling.Utf16, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool CreateProcess(
        string application,
        char* commandLine,
        nint processSecurity,
        nint threadSecurity,
        [MarshalAs(UnmanagedType.Bool)] bool inheritsHandles,
        uint flags,
        string environment,
        string directory,
        StartupInfo* startup,
        ProcessInformation* process);

    [LibraryImport("kernel32", EntryPoint = "InitializeProcThreadAttributeList", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool InitializeAttributes(byte* list, int count, uint flags, nuint* size);

    [LibraryImport("kernel32", EntryPoint = "UpdateProcThreadAttribute", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool UpdateAttribute(
        byte* list, uint flags, nuint attribute, nint* value, nuint size, nint previousValue, nint returnSize);

    [LibraryImport("kernel32", EntryPoint = "DeleteProcThreadAttributeList")]
    public static partial void DeleteAttributes(byte* list);

    [LibraryImport("kernel32", EntryPoint = "GetCommandLineW")]
    public static partial char* GetCommandLine();

    [LibraryImport("kernel32", EntryPoint = "GetStdHandle", SetLastError = true)]
    public static partial nint GetStandardHandle(int number);

    [LibraryImport("kernel32", EntryPoint = "GetConsoleCP", SetLastError = true)]
    public static partial uint GetConsoleCodePage();

    [LibraryImport("kernel32", EntryPoint = "CloseHandle", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool CloseHandle(nint handle);

    [LibraryImport("kernel32", EntryPoint = "GetExitCodeProcess", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool GetExitCode(nint process, out int exitCode);

    [LibraryImport("kernel32", EntryPoint = "SetPriorityClass", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool SetPriorityClass(nint process, uint priorityClass);

    [LibraryImport("kernel32", EntryPoint = "CreateJobObjectW", SetLastError = true)]
    public static partial nint CreateJob(nint security, nint name);

    [LibraryImport("kernel32", EntryPoint = "SetInformationJobObject", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool SetJobInformation(nint job, int kind, ExtendedJobLimits* limits, int size);

    /// <summary><c>STARTUPINFOEXW</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct StartupInfo
    {
        public int Size;
        public nint Reserved;
        public nint Desktop;
        public nint Title;
        public fixed int WindowAndConsole[7];
        public uint Flags;
        public uint ShowWindowAndReservedSize;
        public nint Reserved2;
        public nint StandardInput;
        public nint StandardOutput;
        public nint StandardError;
        public byte* Attributes;
    }

    /// <summary><c>PROCESS_INFORMATION</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ProcessInformation
    {
        public nint Process;
        public nint Thread;
        public int ProcessId;
        public int ThreadId;
    }

    /// <summary><c>JOBOBJECT_EXTENDED_LIMIT_INFORMATION</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ExtendedJobLimits
    {
        public fixed long Times[2];
        public uint Flags;
        public nuint MinWorkingSet;
        public nuint MaxWorkingSet;
        public uint MaxProcesses;
        public nuint Affinity;
        public uint PriorityClass;
        public uint SchedulingClass;
        public fixed ulong Counters[6];
        public nuint ProcessMemory;
        public nuint JobMemory;
        public nuint PeakProcessMemory;
        public nuint PeakJobMemory;
    }
}
