using Cotyledon.Hosting.ProcessTests;

namespace Cotyledon.Hosting.PackageTests;

/// <summary>A program that was made from the packages, seen as <c>ps</c> shows it.</summary>
internal sealed class RunningProgram(TestProgram program, string name, string service) : IAsyncDisposable
{
    /// <summary>Time to build it too, on a machine that has other things to do.</summary>
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

    /// <summary>Waits for two workers, none of which is one of these.</summary>
    /// <returns>Their processes, in the order of their ids.</returns>
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

    /// <summary>SIGTERM to the master: all leave, and the exit code is 0.</summary>
    public async Task StopAsync()
    {
        Linux.Send(_master, Linux.Terminate);
        Assert.That(await program.WaitForExitAsync(Limit), Is.Zero, program.Describe);
        await program.UntilGoneAsync(TestProgram.Limit);
    }

    public Task UntilAsync(Func<bool> condition, string what) => program.UntilAsync(condition, what, Limit);

    public ValueTask DisposeAsync() => program.DisposeAsync();

    private List<int> Titled(string title) =>
    [
        .. program.Processes().Where(process =>
            Linux.TitleOf(process) is var all
            && all.StartsWith($"{name}: ", StringComparison.Ordinal)
            && all.Contains(title, StringComparison.Ordinal)),
    ];
}
