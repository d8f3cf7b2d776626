using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Cotyledon.Hosting.TestApp;

/// <summary>
/// One append-only file to which all processes of a test write timed lines. On Windows each process has a file of its own, because Wine
/// does not append atomically.
/// </summary>
internal static partial class Trace
{
    private const int WriteOnlyAppend = 0x401; // O_WRONLY | O_APPEND
    private const long Nanoseconds = 1_000_000_000;

    private const string Argument = "--trace=";

    /// <summary>From the environment, or from the arguments where a test cannot set the environment: in a Windows service.</summary>
    private static readonly string? Path = Environment.GetEnvironmentVariable("COTYLEDON_TRACE") is { Length: > 0 } path
        ? path
        : Environment.GetCommandLineArgs().FirstOrDefault(a => a.StartsWith(Argument, StringComparison.Ordinal))?[Argument.Length..];

    private static readonly Lazy<Action<byte[]>> TraceFile = new(() => Open(Path!));
    private static readonly Lazy<Action<byte[]>> DoneFile = new(() => Open(Path + ".done"));

    private static bool HasProc => OperatingSystem.IsLinux() && Directory.Exists("/proc/self");

    /// <summary>Writes one line in one write(2), so that lines of different processes do not mix.</summary>
    public static void Write(string what, string service = "-", int workerId = -1, long incarnation = 0, string detail = "")
    {
        if (Path is not null)
        {
            var time = Stopwatch.GetTimestamp() * (Nanoseconds / Stopwatch.Frequency);
            var line = $"{time}\t{Environment.ProcessId}\t{what}\t{service}\t{workerId}\t{incarnation}\t"
                + $"{detail.ReplaceLineEndings(" ")}\n";
            TraceFile.Value(Encoding.UTF8.GetBytes(line));
        }
    }

    public static void Write(string what, IWorkerContext worker, string detail = "") =>
        Write(what, worker.ServiceName, worker.WorkerId, worker.Incarnation, detail);

    /// <summary>Writes one line to the file of completed items, of which there are many.</summary>
    public static void Done(string line) => DoneFile.Value(Encoding.UTF8.GetBytes(line + '\n'));

    /// <summary>The start of this process in hundredths of a second on the clock of the trace, from the kernel; empty without /proc.</summary>
    public static string StartOfThisProcess()
    {
        const int afterName = 19; // starttime is field 22 of /proc/PID/stat, the name in brackets is field 2
        var stat = HasProc ? System.IO.File.ReadAllText("/proc/self/stat") : "";
        return stat.Length == 0 ? "" : stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[afterName];
    }

    public static string ThreadsOfThisProcess() => HasProc
        ? string.Join(',', Directory.EnumerateDirectories("/proc/self/task").Select(t => System.IO.File.ReadAllText(t + "/comm").Trim()))
        : "";

    private static Action<byte[]> Open(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            // Without a buffer, so that no line is lost when the process is killed.
            var file = new FileStream(
                $"{path}-{Environment.ProcessId}", FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return bytes =>
            {
                lock (file)
                {
                    file.Write(bytes);
                }
            };
        }

        // Not FileMode.Append: it seeks to the end once and then writes at an offset, which overwrites lines of other processes.
        File.AppendAllText(path, "");
        var descriptor = Open(path, WriteOnlyAppend);
        return bytes => _ = Write(descriptor, bytes, bytes.Length);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int file, byte[] bytes, nint count);
}
