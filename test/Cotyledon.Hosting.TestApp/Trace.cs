using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Cotyledon.Hosting.TestApp;

/// <summary>One append-only file to which all processes of a test write timed lines.</summary>
internal static partial class Trace
{
    private const int WriteOnlyAppend = 0x401; // O_WRONLY | O_APPEND

    // Not FileMode.Append: it seeks to the end once and then writes at an offset, which overwrites lines of other processes.
    private static readonly int File =
        Environment.GetEnvironmentVariable("COTYLEDON_TRACE") is { Length: > 0 } path ? Open(path, WriteOnlyAppend) : -1;

    private static readonly Lazy<int> DoneFile = new(() =>
    {
        var path = Environment.GetEnvironmentVariable("COTYLEDON_TRACE") + ".done";
        System.IO.File.AppendAllText(path, "");
        return Open(path, WriteOnlyAppend);
    });

    private static bool HasProc => Directory.Exists("/proc/self");

    /// <summary>Writes one line in one write(2), so that lines of different processes do not mix.</summary>
    public static void Write(string what, string service = "-", int workerId = -1, long incarnation = 0, string detail = "")
    {
        if (File >= 0)
        {
            var line = $"{Stopwatch.GetTimestamp()}\t{Environment.ProcessId}\t{what}\t{service}\t{workerId}\t{incarnation}\t"
                + $"{detail.ReplaceLineEndings(" ")}\n";
            var bytes = Encoding.UTF8.GetBytes(line);
            _ = Write(File, bytes, bytes.Length);
        }
    }

    public static void Write(string what, IWorkerContext worker, string detail = "") =>
        Write(what, worker.ServiceName, worker.WorkerId, worker.Incarnation, detail);

    /// <summary>Writes one line to the file of completed items, of which there are many.</summary>
    public static void Done(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line + '\n');
        _ = Write(DoneFile.Value, bytes, bytes.Length);
    }

    /// <summary>The start of this process in hundredths of a second on the clock of the trace, from the kernel; empty without /proc.</summary>
    public static string StartOfThisProcess()
    {
        const int afterName = 19; // starttime is field 22 of /proc/PID/stat, the name in brackets is field 2
        var stat = HasProc ? System.IO.File.ReadAllText("/proc/self/stat") : "";
        return stat.Length == 0 ? "" : stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[afterName];
    }

    public static string ThreadsOfThisProcess() => HasProc
        ? string.Join(',', Directory.EnumerateDirectories("/proc/self/task").Select(t => System.IO.File.ReadAllText(Path.Combine(t, "comm")).Trim()))
        : "";

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int file, byte[] bytes, nint count);
}
