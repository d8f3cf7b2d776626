using System.Globalization;

namespace Cotyledon.Hosting.Processes;

/// <summary>
/// Describes an unresponsive process as the kernel sees it: its state, and the kernel functions in which its threads wait (proc(5)).
/// </summary>
/// <remarks>
/// Contains no managed stacks: the runtime has no cheap way to read those of other threads, neither from inside (dotnet/runtime#79463) nor
/// from outside (dotnet/runtime#104425), and with Native AOT there is no way. The description is read from a few short files, without the
/// help of the process.
/// </remarks>
internal static class ProcessSnapshot
{
    private const int MaxThreads = 500;
    private const int MaxKinds = 6;

    /// <summary>Returns the description, or "" if the process has exited.</summary>
    public static string Take(int processId)
    {
        var state = State($"/proc/{processId}");
        if (state is null)
        {
            return "";
        }

        List<string> threads;
        try
        {
            threads = [.. Directory.EnumerateDirectories($"/proc/{processId}/task").Take(MaxThreads).Select(Thread)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // The process has exited meanwhile.
        }

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
        // pid (name) state ...: the name may contain spaces and parentheses.
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
