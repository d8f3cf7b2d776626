using Cotyledon.Hosting.ProcessTests;

namespace Cotyledon.Hosting.PackageTests;

/// <summary>A running program that uses the packages, observed through its process titles as in <c>ps</c>.</summary>
internal sealed class RunningProgram(TestProgram program, string name, string service) : IAsyncDisposable
{
    /// <summary>Includes the time for the build on a busy machine.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private int _master;

    public string Output => program.Output;

    public static RunningProgram Start(string directory, string name, string service, params string[] command) => new(
        TestProgram.StartAs(
            command[0],
            start =>
            {
                start.WorkingDirectory = directory;
                Workplace.Prepare(start);
            },
            command[1..]),
        name,
        service);

    /// <summary>Waits for two workers that are not among <paramref name="others"/>.</summary>
    /// <returns>The process ids, in the order of the worker ids.</returns>
    public async Task<IReadOnlyList<int>> WaitForTwoWorkersAsync(params IReadOnlyList<int> others)
    {
        IReadOnlyList<int> workers = [];
        await UntilAsync(
            () => (workers = [.. Titled("worker(0)"), .. Titled("worker(1)")]).Count == 2 && !workers.Intersect(others).Any(),
            "two workers");
        Assert.That(Titled($"{service} worker("), Is.EquivalentTo(workers));
        _master = Titled("master process").Single();
        return workers;
    }

    public void Reload() => Linux.Send(_master, Linux.Hangup);

    /// <summary>Sends SIGTERM to the master. All processes must exit, the master with code 0.</summary>
    public async Task StopAsync()
    {
        Linux.Send(_master, Linux.Terminate);
        Assert.That(await program.WaitForExitAsync(Limit), Is.Zero, program.Describe);
        await program.UntilGoneAsync(TestProgram.Limit);
    }

    public Task UntilAsync(Func<bool> condition, string description) => program.UntilAsync(condition, description, Limit);

    public ValueTask DisposeAsync() => program.DisposeAsync();

    private List<int> Titled(string title) =>
    [
        .. program.Processes().Where(process =>
            Linux.TitleOf(process) is var all
            && all.StartsWith($"{name}: ", StringComparison.Ordinal)
            && all.Contains(title, StringComparison.Ordinal)),
    ];
}
