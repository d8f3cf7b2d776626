using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Cotyledon.Hosting.Processes;

/// <summary>Starts this program again on Windows, with chosen handles: CreateProcessW.</summary>
/// <remarks>
/// <c>System.Diagnostics.Process</c> is not used: it lets the process inherit all inheritable handles, cannot start it inside a job object,
/// and waits for its exit on the thread pool.
/// </remarks>
[SupportedOSPlatform("windows")]
internal static unsafe class WindowsSpawn
{
    private const uint NewGroup = 0x200; // CREATE_NEW_PROCESS_GROUP
    private const uint UnicodeEnvironment = 0x400; // CREATE_UNICODE_ENVIRONMENT
    private const uint ExtendedStartup = 0x80000; // EXTENDED_STARTUPINFO_PRESENT
    private const uint NoWindow = 0x8000000; // CREATE_NO_WINDOW
    private const uint UseStandardHandles = 0x100; // STARTF_USESTDHANDLES
    private const int OutputNumber = -11; // STD_OUTPUT_HANDLE
    private const nuint HandleList = 0x20002; // PROC_THREAD_ATTRIBUTE_HANDLE_LIST
    private const nuint JobList = 0x2000D; // PROC_THREAD_ATTRIBUTE_JOB_LIST

    /// <summary>
    /// Ctrl+C does not reach the new group, so that the master handles it alone. A program without a console, such as a service, would get
    /// a visible console for each worker.
    /// </summary>
    private static uint Flags =>
        NewGroup | UnicodeEnvironment | ExtendedStartup | (Kernel32.GetConsoleCodePage() == 0 ? NoWindow : 0);

    /// <summary>Starts the program with the command line of this process.</summary>
    /// <param name="command">The program and its directory.</param>
    /// <param name="environment">The whole environment.</param>
    /// <param name="pipes">The ends of pipes that the program gets, under the same handles as in this process.</param>
    /// <param name="standardError">
    /// The standard error of the program. Its standard input is empty; its standard output is that of this process.
    /// </param>
    /// <param name="nice">The nice value, or <see langword="null"/> for the priority of this process.</param>
    /// <exception cref="NativeException">The program could not be started.</exception>
    public static WindowsProcess Start(
        ProgramCommand command, IReadOnlyDictionary<string, string> environment, IEnumerable<PipePair> pipes, PipePair standardError, int? nice)
    {
        using var job = new WorkerJob();
        using var nothing = Kernel32.OpenInheritable("NUL", 0);
        var input = nothing.DangerousGetHandle();
        var hasOutput = Kernel32.DuplicateHandle(
            Kernel32.CurrentProcess, Kernel32.GetStandardHandle(OutputNumber), Kernel32.CurrentProcess, out var output, 0, 1, Kernel32.SameAccess);
        var error = standardError.Theirs.DangerousGetHandle();
        try
        {
            var startup = new Kernel32.StartupInfo
            {
                Size = sizeof(Kernel32.StartupInfo),
                Flags = UseStandardHandles,
                StandardInput = input,
                StandardOutput = hasOutput ? output : input,
                StandardError = error,
            };
            nint[] handles = [.. pipes.Select(p => p.Theirs.DangerousGetHandle()), input, error, .. hasOutput ? [output] : (nint[])[]];
            var process = Start(command, environment, startup, handles, job);
            job.GiveTo(process.Process);
            Kernel32.CloseHandle(process.Thread);
            var started = new WindowsProcess(process.Process, process.ProcessId);

            // Not a flag of the start, because Wine ignores it.
            if (nice is { } value && !Kernel32.SetPriorityClass(process.Process, PriorityClass(value)))
            {
                var code = Marshal.GetLastPInvokeError();
                started.Kill();
                started.Dispose();
                throw new NativeException($"Cannot set the nice value {value}", code);
            }

            return started;
        }
        finally
        {
            if (hasOutput)
            {
                Kernel32.CloseHandle(output);
            }
        }
    }

    private static Kernel32.ProcessInformation Start(
        ProgramCommand command,
        IReadOnlyDictionary<string, string> environment,
        Kernel32.StartupInfo startup,
        nint[] handles,
        WorkerJob job)
    {
        const int attributeCount = 2;
        nuint size = 0;
        Kernel32.InitializeAttributes(null, attributeCount, 0, &size); // Fails, and returns the size.
        startup.Attributes = (byte*)NativeMemory.Alloc(size);
        var jobHandle = job.Handle;

        // The whole command line, with the arguments of a runtime such as dotnet.exe. A copy, because the system may write to it.
        char[] commandLine = [.. new string(Kernel32.GetCommandLine()), '\0'];
        fixed (char* line = commandLine)
        fixed (nint* first = handles)
        {
            Kernel32.ProcessInformation process;
            Check("Cannot prepare the start of a worker", Kernel32.InitializeAttributes(startup.Attributes, attributeCount, 0, &size));
            try
            {
                Check("Cannot select the handles that a worker inherits",
                    Kernel32.UpdateAttribute(startup.Attributes, 0, HandleList, first, (nuint)(handles.Length * sizeof(nint)), 0, 0));
                Check("Cannot put a worker into its job object",
                    Kernel32.UpdateAttribute(startup.Attributes, 0, JobList, &jobHandle, (nuint)sizeof(nint), 0, 0));
                Check($"Cannot start {command.File}", Kernel32.CreateProcess(
                    command.File, line, 0, 0, inheritsHandles: true, Flags, Block(environment), command.Directory, &startup, &process));
                return process;
            }
            finally
            {
                Kernel32.DeleteAttributes(startup.Attributes);
                NativeMemory.Free(startup.Attributes);
            }
        }
    }

    /// <summary>The environment in the form of Windows: sorted, each variable and the end followed by a null character.</summary>
    private static string Block(IReadOnlyDictionary<string, string> environment) =>
        string.Concat(environment.OrderBy(v => v.Key, StringComparer.OrdinalIgnoreCase).Select(v => $"{v.Key}={v.Value}\0")) + "\0";

    /// <summary>Windows has priority classes instead of nice values; the value 0 is the normal class.</summary>
    private static uint PriorityClass(int nice) => nice switch
    {
        > 10 => 0x40, // IDLE_PRIORITY_CLASS
        > 0 => 0x4000, // BELOW_NORMAL_PRIORITY_CLASS
        0 => 0x20, // NORMAL_PRIORITY_CLASS
        >= -10 => 0x8000, // ABOVE_NORMAL_PRIORITY_CLASS
        _ => 0x80, // HIGH_PRIORITY_CLASS
    };

    private static void Check(string call, bool hasSucceeded)
    {
        if (!hasSucceeded)
        {
            throw new NativeException(call, Marshal.GetLastPInvokeError());
        }
    }
}
