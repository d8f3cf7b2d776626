using System.Globalization;

namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

/// <summary>Reads data of processes from proc(5). A process that has exited has empty data.</summary>
internal static class ProcFile
{
    /// <summary>Returns a process and all its descendants.</summary>
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

    /// <summary>Returns all processes that were started with this text in their environment.</summary>
    public static IReadOnlyList<int> ProcessesWith(string environmentText) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Where(directory => TryRead($"{directory}/environ").Contains(environmentText, StringComparison.Ordinal))
            .Select(directory => Path.GetFileName(directory))
            .Where(name => int.TryParse(name, CultureInfo.InvariantCulture, out _))
            .Select(name => int.Parse(name, CultureInfo.InvariantCulture)),
    ];

    /// <summary>Returns the proportional set size in MB: each process counts its share of common pages.</summary>
    public static double MemoryOf(int processId) =>
        NumberIn(TryRead($"/proc/{processId}/smaps_rollup"), "Pss:") * 1024.0 / 1_000_000;

    /// <summary>Returns the processor time and the context switches of each thread of a process so far.</summary>
    public static IEnumerable<KeyValuePair<string, ThreadUse>> UseOf(int processId) => ThreadsOf(processId)
        .Select(thread => KeyValuePair.Create(thread, ParseUse(TryRead($"{thread}/schedstat"), TryRead($"{thread}/status"))));

    /// <summary>Parses the first field of schedstat (nanoseconds on a processor) and the line of the switches in status.</summary>
    public static ThreadUse ParseUse(string schedstat, string status) => new(
        schedstat.Length == 0 ? 0 : long.Parse(schedstat.Split(' ')[0], CultureInfo.InvariantCulture),
        NumberIn(status, "voluntary_ctxt_switches:"));

    /// <summary>Returns the number after a name at the start of a line, or 0 without such a line.</summary>
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

/// <summary>The processor time and the voluntary context switches of a thread.</summary>
internal readonly record struct ThreadUse(long Nanoseconds, long Switches)
{
    public static ThreadUse operator +(ThreadUse left, ThreadUse right) =>
        new(left.Nanoseconds + right.Nanoseconds, left.Switches + right.Switches);

    public static ThreadUse operator -(ThreadUse left, ThreadUse right) =>
        new(left.Nanoseconds - right.Nanoseconds, left.Switches - right.Switches);
}
