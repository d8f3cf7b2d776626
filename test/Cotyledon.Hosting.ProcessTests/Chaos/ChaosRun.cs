using Cotyledon.Hosting.ProcessTests.Chaos.Guarantees;

namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>Plays the scenario of a seed and checks the guarantees at the exit of each master.</summary>
internal sealed class ChaosRun(int seed, int steps) : IDisposable
{
    private readonly DirectoryInfo _copy = Directory.CreateTempSubdirectory("cotyledon-chaos-");
    // None, one, or two.
    private readonly int _spares = seed % 3;

    // Half of the runs are watched.
    private readonly bool _isWatched = seed % 2 == 1;

    // The same, because a field cannot use another one here.
    private readonly WantedFile _file = new(isWatched: seed % 2 == 1);

    public Tally Tally { get; } = new(seed);

    /// <exception cref="ChaosException">A guarantee was not kept.</exception>
    public async Task RunAsync()
    {
        var executable = CopyProgram();
        var rest = new Queue<Step>(Scenario.Create(seed, steps, Terms.Services(_isWatched)));
        while (rest.Count > 0)
        {
            await RunMasterAsync(executable, rest);
        }
    }

    public void Dispose() => _copy.Delete(recursive: true);

    private async Task RunMasterAsync(string executable, Queue<Step> rest)
    {
        var notes = new ChaosLog { Step = rest.Peek().Number };
        _file.Acts.Clear();
        _file.GivenUp.Clear();
        await using var run = MasterRun.Start(executable, _file, _spares, _isWatched, notes);
        var last = rest.Peek();
        try
        {
            await MasterRun.WaitAsync(() => run.IsListening, TestProgram.Limit);
            while (!run.HasEnded && !run.HasFailed && rest.TryDequeue(out var step))
            {
                await TakeAsync(run, step);
                last = step;
            }

            if (!run.HasEnded)
            {
                await Endings.StopAsync(run);
            }
        }
        catch (Exception e)
        {
            throw new ChaosException(Failure.Describe(seed, run, [], e), e);
        }

        await EvaluateAsync(run);
        if (last.Amount % 3 == 0)
        {
            await EndDuringStartAsync(executable, last);
        }
    }

    private async Task TakeAsync(MasterRun run, Step step)
    {
        run.Notes.Step = step.Number;
        Tally.Count(step.Fault);
        run.Notes.Add("do-step", detail: step.ToString());
        try
        {
            await step.Fault.DoAsync(run, step);
        }
        catch (IOException) when (!run.IsMasterAlive)
        {
            // The fault needed a file or process of a master that has exited, which is noted below.
        }

        await Task.Delay(step.Pause);
        if (!run.HasEnded && !run.IsMasterAlive)
        {
            run.Notes.Add("saw-death", run.MasterId);
            await run.BeginEndAsync();
        }
    }

    /// <summary>Ends another master while it starts.</summary>
    private async Task EndDuringStartAsync(string executable, Step step)
    {
        await using var run = MasterRun.Start(executable, _file, _spares, _isWatched, new ChaosLog { Step = step.Number });
        await Task.Delay(step.Amount % 500);
        await (step.Which < 0.5 ? Endings.KillAsync(run) : Endings.StopAsync(run));
        await EvaluateAsync(run);
    }

    private async Task EvaluateAsync(MasterRun run)
    {
        await run.CloseViewersAsync();
        var history = run.History;
        Tally.Count(history);
        var breaches = Guarantee.FindBreaches(history).ToList();
        if (breaches.Count > 0)
        {
            throw new ChaosException(Failure.Describe(seed, run, breaches));
        }
    }

    /// <summary>Copies the program, because some faults make it unusable.</summary>
    private string CopyProgram()
    {
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(TestProgram.Executable)!))
        {
            File.Copy(file, Path.Combine(_copy.FullName, Path.GetFileName(file)));
        }

        return Path.Combine(_copy.FullName, Path.GetFileName(TestProgram.Executable));
    }
}

/// <summary>A guarantee was broken, or the run could not continue.</summary>
internal sealed class ChaosException(string message, Exception? inner = null) : Exception(message, inner);
