namespace Cotyledon.Hosting.Cli.Commands;

/// <summary>Waits for the end of a process that is not a child of this one.</summary>
internal static class ProcessWait
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns at once if the process cannot be seen. A zombie has ended: its parent reads its exit code whenever it wants.</summary>
    public static async Task UntilGoneAsync(ToolEnvironment environment, int processId, CancellationToken cancellationToken)
    {
        if (processId <= 0)
        {
            return;
        }

        var started = StartOf(environment, processId);
        using var timer = new PeriodicTimer(Interval, environment.Time);
        while (started is not null && StartOf(environment, processId) == started)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <returns>When it was started, so that another process with the same pid is not waited for.</returns>
    private static string? StartOf(ToolEnvironment environment, int processId)
    {
        try
        {
            var stat = File.ReadAllText($"{environment.ProcessDirectory}/{processId}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : fields[19];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
