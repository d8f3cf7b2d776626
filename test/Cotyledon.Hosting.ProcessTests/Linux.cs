using System.Globalization;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Processes and signals of this machine.</summary>
internal static partial class Linux
{
    public const int Hangup = 1;
    public const int User1 = 10;
    public const int Interrupt = 2;
    public const int Abort = 6;
    public const int Kill = 9;
    public const int SegmentationFault = 11;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;
    public const int TerminalStop = 20;

    public static void Send(int processId, int signal) => _ = TrySend(processId, signal);

    /// <summary>Returns false when there is no such process. A zombie is a process.</summary>
    public static bool TrySend(int processId, int signal) => KillNative(processId, signal) == 0;

    /// <summary>
    /// Stops a process, and waits until all of its threads are stopped: until then, a thread that waits in a system call may still take what arrives.
    /// </summary>
    public static void Pause(int processId)
    {
        Send(processId, Stop);
        Assert.That(
            () => ThreadDirectoriesOf(processId).All(t => TryRead(Path.Combine(t, "stat")) is { Length: > 0 } stat && stat[stat.LastIndexOf(')') + 2] == 'T'),
            Is.True.After(10_000, 1));
    }

    public static bool Exists(int processId) => KillNative(processId, 0) == 0;

    /// <summary>Takes the permission to execute a file away from all users, root included, or restores it.</summary>
    public static void MakeExecutable(string file, bool value) => _ = ChangeMode(file, value ? 0b111_101_101u : 0b110_100_100u);

    /// <summary>All processes that have this text in their environment. Zombies are excluded because they have no environment.</summary>
    public static IReadOnlyList<int> ProcessesWith(string environmentText)
    {
        var found = new List<int>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var processId)
                && TryRead($"{directory}/environ").Contains(environmentText, StringComparison.Ordinal))
            {
                found.Add(processId);
            }
        }

        return found;
    }

    /// <summary>The existing child processes of this process, zombies included.</summary>
    public static IReadOnlyList<int> ChildrenOf(int processId)
    {
        var children = new List<int>();
        foreach (var thread in ThreadDirectoriesOf(processId))
        {
            children.AddRange(TryRead($"{thread}/children")
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(child => int.Parse(child, CultureInfo.InvariantCulture)));
        }

        return children;
    }

    /// <summary>The title that ps shows.</summary>
    public static string TitleOf(int processId) => TryRead($"/proc/{processId}/cmdline").TrimEnd('\0').Replace('\0', ' ');

    /// <summary>One letter: R, S, T (stopped), Z (zombie); empty when there is no such process.</summary>
    public static string StateOf(int processId)
    {
        var stat = StatOf($"/proc/{processId}");
        return stat.Length == 0 ? "" : stat[0];
    }

    /// <summary>The fields of proc(5) from the state on: state, parent, group, ... The name before them may have spaces.</summary>
    private static string[] StatOf(string directory)
    {
        var stat = TryRead($"{directory}/stat");
        return stat.Length == 0 ? [] : stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    }

    /// <summary>Whether the process exists and is not a zombie.</summary>
    public static bool IsAlive(int processId) => StateOf(processId) is not ("" or "Z" or "X");

    public static int ProcessGroupOf(int processId) => int.Parse(StatOf($"/proc/{processId}")[2], CultureInfo.InvariantCulture);

    /// <summary>The nice values that the threads of a process have.</summary>
    public static IEnumerable<int> NiceValuesOf(int processId) => ThreadDirectoriesOf(processId)
        .Select(StatOf)
        .Where(stat => stat.Length > 0) // A thread may end meanwhile.
        .Select(stat => int.Parse(stat[16], CultureInfo.InvariantCulture))
        .Distinct();

    /// <summary>How often the threads of a process have gone to sleep: a process that is not paused goes on doing so.</summary>
    public static int SwitchesOf(int processId) => ThreadDirectoriesOf(processId)
        .SelectMany(thread => TryRead($"{thread}/status").Split('\n'))
        .Where(line => line.StartsWith("voluntary_ctxt_switches:", StringComparison.Ordinal))
        .Sum(line => int.Parse(line.Split(':')[1], CultureInfo.InvariantCulture));

    public static int DescriptorsOf(int processId) => Directory.EnumerateFileSystemEntries($"/proc/{processId}/fd").Count();

    /// <summary>Returns the number of descriptors without those of loaded assemblies, some of which are loaded late.</summary>
    public static int OpenedDescriptorsOf(int processId) => new DirectoryInfo($"/proc/{processId}/fd").EnumerateFiles()
        .Count(f => f.LinkTarget?.EndsWith(".dll", StringComparison.Ordinal) != true);

    /// <summary>How many it may have at most; it cannot raise its limit beyond.</summary>
    public static int DescriptorLimitOf(int processId) => TryRead($"/proc/{processId}/limits").Split('\n')
        .Where(line => line.StartsWith("Max open files", StringComparison.Ordinal))
        .Select(line => int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4], CultureInfo.InvariantCulture))
        .FirstOrDefault();

    public static int ThreadsOf(int processId) => ThreadDirectoriesOf(processId).Length;

    public static int InotifyInstancesOf(int processId) => new DirectoryInfo($"/proc/{processId}/fd")
        .EnumerateFileSystemInfos()
        .Count(descriptor => descriptor.LinkTarget == "anon_inode:inotify");

    /// <summary>Private memory in KiB.</summary>
    public static int PrivateMemoryOf(int processId) => File.ReadLines($"/proc/{processId}/smaps_rollup")
        .Where(line => line.StartsWith("Private_", StringComparison.Ordinal))
        .Sum(line => int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture));

    public static IReadOnlyDictionary<string, string> EnvironmentOf(int processId) =>
        TryRead($"/proc/{processId}/environ")
            .Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(variable => variable.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[^1]);

    private static string[] ThreadDirectoriesOf(int processId)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{processId}/task");
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>Reads a file of /proc. Returns an empty text when the process or thread is gone.</summary>
    public static string TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int KillNative(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "chmod", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeMode(string file, uint mode);
}
