using System.Globalization;

namespace Cotyledon.Hosting.Processes;

/// <summary>What the kernel knows of a process that does not answer: its state, and where its threads wait (proc(5)).</summary>
/// <remarks>
/// No stacks: the runtime has no cheap way to those of other threads, neither from inside (dotnet/runtime#79463) nor from outside
/// (dotnet/runtime#104425), and a native program has none at all. This costs a few short files, and needs nothing of the process.
/// </remarks>
internal static class ProcessPicture
{
    private const int MaxThreads = 500;
    private const int MaxKinds = 6;

    public static string Take(int processId)
    {
        var state = State($"/proc/{processId}");
        if (state is null)
        {
            return "";
        }

        var threads = Directory.EnumerateDirectories($"/proc/{processId}/task").Take(MaxThreads).Select(Thread).ToList();
        var kinds = threads
            .GroupBy(t => t)
            .OrderByDescending(g => g.Count())
            .Take(MaxKinds)
            .Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Count()} x {g.Key}"));
        return string.Create(
            CultureInfo.InvariantCulture, $"The process is {Word(state)}; {threads.Count} threads: {string.Join(", ", kinds)}.");
    }

    private static string Thread(string directory)
    {
        var name = Read($"{directory}/comm")?.Trim() ?? "?";
        var place = Read($"{directory}/wchan")?.Trim();
        return place is null or "" or "0" ? $"{name} ({Word(State(directory) ?? "")})" : $"{name} in {place}";
    }

    private static string? State(string directory)
    {
        // pid (name) state ...: the name may have spaces and parentheses of its own.
        var stat = Read($"{directory}/stat");
        return stat?.LastIndexOf(')') is { } end and >= 0 && end + 2 < stat.Length ? stat[end + 2].ToString() : null;
    }

    private static string Word(string state) => state switch
    {
        "R" => "running",
        "S" => "sleeping",
        "D" => "in an uninterruptible call",
        "T" => "stopped by a signal (SIGSTOP)",
        "t" => "stopped by a debugger",
        "Z" => "dead",
        _ => "gone",
    };

    private static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
