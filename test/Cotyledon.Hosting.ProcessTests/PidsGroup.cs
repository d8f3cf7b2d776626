using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>A control group with a limit of processes and threads, as a container or a systemd unit (TasksMax) has.</summary>
internal sealed class PidsGroup : IDisposable
{
    private readonly string _directory;

    private PidsGroup(string directory) => _directory = directory;

    /// <summary>The number of processes and threads in the group.</summary>
    public int Count => int.Parse(File.ReadAllText(PathOf("pids.current")), CultureInfo.InvariantCulture);

    /// <summary>The file system of the controller: its own (version 1), or the common one.</summary>
    private static string? Root => new[] { "/sys/fs/cgroup/pids", "/sys/fs/cgroup" }.FirstOrDefault(IsUsable);

    /// <summary>Moves processes into a new group, which also contains their later child processes.</summary>
    /// <returns>Null if the machine has no pids controller, or the tests have no permission to create a group.</returns>
    public static PidsGroup? TryCreate(params IEnumerable<int> processes)
    {
        if (Root is not { } root)
        {
            return null;
        }

        var group = new PidsGroup(Path.Combine(root, $"cotyledon-{Guid.NewGuid():N}"));
        Directory.CreateDirectory(group._directory);
        foreach (var process in processes)
        {
            Move(process, group._directory);
        }

        return group;
    }

    /// <summary>Limits the number of processes and threads; null removes the limit.</summary>
    public void SetLimit(int? count) => File.WriteAllText(PathOf("pids.max"), count?.ToString(CultureInfo.InvariantCulture) ?? "max");

    /// <summary>Removes the limit and the group; the processes move to its parent.</summary>
    public void Dispose()
    {
        SetLimit(null);
        for (var attempt = 0; attempt < 100 && Directory.Exists(_directory); attempt++)
        {
            foreach (var process in File.ReadLines(PathOf("cgroup.procs")).ToList())
            {
                Move(int.Parse(process, CultureInfo.InvariantCulture), Path.GetDirectoryName(_directory)!);
            }

            try
            {
                Directory.Delete(_directory);
            }
            catch (IOException)
            {
                // A process has started another one in the meantime, or has exited and was not reaped yet.
                Thread.Sleep(20);
            }
        }
    }

    private static bool IsUsable(string root)
    {
        try
        {
            var enabled = Path.Combine(root, "cgroup.subtree_control");
            if (!Directory.Exists(root) || (File.Exists(enabled) && !File.ReadAllText(enabled).Contains("pids", StringComparison.Ordinal)))
            {
                return false;
            }

            var probe = Path.Combine(root, $"cotyledon-probe-{Guid.NewGuid():N}");
            Directory.CreateDirectory(probe);
            var isUsable = File.Exists(Path.Combine(probe, "pids.max"));
            Directory.Delete(probe);
            return isUsable;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void Move(int process, string directory)
    {
        try
        {
            File.WriteAllText(Path.Combine(directory, "cgroup.procs"), process.ToString(CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            // The process has exited.
        }
    }

    private string PathOf(string file) => Path.Combine(_directory, file);
}
