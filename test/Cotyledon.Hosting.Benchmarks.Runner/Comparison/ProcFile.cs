using System.Globalization;

namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

/// <summary>What the kernel says of processes in proc(5). One that is gone has nothing any more.</summary>
internal static class ProcFile
{
    /// <summary>A process and all that descend from it.</summary>
    public static IReadOnlyList<int> TreeOf(int processId)
    {
        var tree = new List<int> { processId };
        for (var i = 0; i < tree.Count; i++)
        {
            tree.AddRange(ThreadsOf(tree[i])
                .SelectMany(thread => TryRead($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(child => int.Parse(child, CultureInfo.InvariantCulture)));
        }

        return tree;
    }

    /// <summary>All processes that were started with this text in their environment.</summary>
    public static IReadOnlyList<int> ProcessesWith(string environmentText) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Where(directory => TryRead($"{directory}/environ").Contains(environmentText, StringComparison.Ordinal))
            .Select(directory => Path.GetFileName(directory))
            .Where(name => int.TryParse(name, CultureInfo.InvariantCulture, out _))
            .Select(name => int.Parse(name, CultureInfo.InvariantCulture)),
    ];

    /// <summary>The proportional set size in MB: pages that several processes share count as a part for each.</summary>
    public static double MemoryOf(int processId) =>
        NumberIn(TryRead($"/proc/{processId}/smaps_rollup"), "Pss:") * 1024.0 / 1_000_000;

    /// <summary>What each thread of a process has used so far.</summary>
    public static IEnumerable<KeyValuePair<string, ThreadUse>> UseOf(int processId) => ThreadsOf(processId)
        .Select(thread => KeyValuePair.Create(thread, ParseUse(TryRead($"{thread}/schedstat"), TryRead($"{thread}/status"))));

    /// <summary>From schedstat the first field, nanoseconds on a processor; from status the line of the switches.</summary>
    public static ThreadUse ParseUse(string schedstat, string status) => new(
        schedstat.Length == 0 ? 0 : long.Parse(schedstat.Split(' ')[0], CultureInfo.InvariantCulture),
        NumberIn(status, "voluntary_ctxt_switches:"));

    /// <summary>The number behind a name at the start of a line; 0 where there is no such line.</summary>
    public static long NumberIn(string text, string name)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
            {
                var value = line[name.Length..].Trim();
                var end = value.IndexOf(' ');
                return long.Parse(end < 0 ? value : value[..end], CultureInfo.InvariantCulture);
            }
        }

        return 0;
    }

    private static string[] ThreadsOf(int processId)
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

    private static string TryRead(string path)
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
}

/// <summary>Time on a processor, and how often the thread went to sleep.</summary>
internal readonly record struct ThreadUse(long Nanoseconds, long Switches)
{
    public static ThreadUse operator +(ThreadUse left, ThreadUse right) =>
        new(left.Nanoseconds + right.Nanoseconds, left.Switches + right.Switches);

    public static ThreadUse operator -(ThreadUse left, ThreadUse right) =>
        new(left.Nanoseconds - right.Nanoseconds, left.Switches - right.Switches);
}
