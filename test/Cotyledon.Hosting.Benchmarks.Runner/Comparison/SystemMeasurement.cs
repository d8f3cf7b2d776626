using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

/// <summary>Measures one system once, from outside, with the same steps for all systems.</summary>
internal sealed class SystemMeasurement(MeasuredSystem system, CompareArguments arguments, Action<Figure, double> report)
{
    private const int SignalHangup = 1;
    private const int Repetitions = 5;
    private const int Consumers = 4;
    private const string QueueItems = "200000";

    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan ReloadDelay = TimeSpan.FromSeconds(0.5);

    /// <summary>The time between two kills: enough for the next spare worker, and to avoid the restart limits of the systems.</summary>
    private static readonly TimeSpan KillDelay = TimeSpan.FromSeconds(2);

    /// <summary>The steps, each with its own run, without those that the system does not support.</summary>
    public IEnumerable<Action> Steps
    {
        get
        {
            yield return MeasureLifecycle;
            yield return MeasureRollingRestart;
            if (system.IsOurs)
            {
                yield return MeasureSpare;
            }

            if (system.QueueCommand is not null)
            {
                yield return MeasureQueue;
            }

            if (arguments.Many > 0 && (system.IsOurs || system.IsBaseline))
            {
                yield return () =>
                {
                    using var run = Start(Figure.StartOfMany, arguments.Many);
                };
            }
        }
    }

    private void MeasureLifecycle()
    {
        using var run = Start(Figure.Start, arguments.Workers);
        Thread.Sleep(SettleTime);
        MeasureMemory(run);
        MeasureIdle(run);
        MeasureReloads(run);
        Thread.Sleep(SettleTime);
        MeasureRespawns(run, Figure.FirstRespawn, Figure.Respawn);
        Thread.Sleep(SettleTime);
        var requested = Watch.Now;
        run.Signal(run.Master, Libc.SignalTerminate);
        Report(Figure.Stop, run.WaitForExit() - requested);
    }

    private void MeasureSpare()
    {
        using var run = Start(null, arguments.Workers, ("Cotyledon__SpareWorkers", "1"));
        Thread.Sleep(SettleTime);
        MeasureRespawns(run, Figure.FirstRespawnWithSpare, Figure.RespawnWithSpare);
    }

    private void MeasureRollingRestart()
    {
        const string control = "control"; // Relative to the directory of the run.
        using var run = Start(null, arguments.Workers, ("BENCH_CONTROL", control));
        Thread.Sleep(SettleTime);
        var restart = new RollingRestart(run);
        var total = system.IsOurs ? restart.ByRequest(run.PathOf(control)) : restart.BySignals();
        Report(Figure.Rolling, total);
        Report(Figure.RollingSlot, total / arguments.Workers);
        report(Figure.SlotEmpty, Statistics.Median(restart.Empty.Select(e => e.TotalMilliseconds)));
        Report(Figure.LongestEmpty, restart.Empty.Max());
    }

    private void MeasureQueue()
    {
        var peer = system.QueueCommand is { } command ? system with { Command = command } : system;
        RunQueue(peer, Figure.QueueItem, Consumers, ("BENCH_PART", "1"));
        RunQueue(peer, Figure.QueueLatency, 1);
        if (system.IsOurs)
        {
            RunQueue(peer, Figure.QueueItemOfHundred, Consumers);
            RunQueue(peer, Figure.QueueFileItem, Consumers, ("Cotyledon__Queues__bench__Provider", "File"));
        }
    }

    private void RunQueue(MeasuredSystem peer, Figure figure, int consumers, params (string, string)[] environment)
    {
        using var run = new MeasuredRun(peer, consumers, [("BENCH_QUEUE", QueueItems), .. environment]);
        if (figure == Figure.QueueLatency)
        {
            report(figure, run.WaitFor("latency"));
        }
        else
        {
            report(figure, 1e6 / run.WaitFor("queue"));
        }
    }

    private MeasuredRun Start(Figure? figure, int workers, params (string Name, string Value)[] environment)
    {
        var run = new MeasuredRun(system, workers, environment);
        try
        {
            var ready = run.WaitForReady(workers);
            if (figure is not null)
            {
                Report(figure, ready[^1].Time - run.StartedAt);
            }

            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    private void MeasureMemory(MeasuredRun run)
    {
        report(Figure.Memory, run.Processes().Sum(ProcFile.MemoryOf));
        report(Figure.MemoryOfWorker, Statistics.Median(run.Workers().Select(ProcFile.MemoryOf)));
    }

    private void MeasureIdle(MeasuredRun run)
    {
        var before = run.Processes().SelectMany(ProcFile.UseOf).ToDictionary();
        var began = Watch.Now;
        Thread.Sleep(IdleTime);
        var used = run.Processes().SelectMany(ProcFile.UseOf)
            .Select(thread => thread.Value - before.GetValueOrDefault(thread.Key))
            .Aggregate(default(ThreadUse), (sum, use) => sum + use);
        var seconds = (Watch.Now - began).TotalSeconds;
        report(Figure.IdleTime, used.Nanoseconds / 1e6 / seconds);
        report(Figure.IdleSwitches, used.Switches / seconds);
    }

    private void MeasureReloads(MeasuredRun run)
    {
        switch (system.Reload)
        {
            case ReloadKind.InPlace:
                ReportFirstAndLater(Figure.FirstReload, Figure.Reload, Enumerable.Range(0, Repetitions).Select(_ =>
                {
                    Thread.Sleep(ReloadDelay);
                    return MeasureReload(run, () => run.WaitForReloaded(arguments.Workers));
                }));
                break;
            case ReloadKind.NewWorkers:
                Report(Figure.FirstReload, MeasureReload(run, () => run.WaitForReady(arguments.Workers)));
                break;
        }
    }

    private static TimeSpan MeasureReload(MeasuredRun run, Action wait)
    {
        var requested = Watch.Now;
        run.Signal(run.Master, SignalHangup);
        wait();
        return Watch.Now - requested;
    }

    private void MeasureRespawns(MeasuredRun run, Figure first, Figure later) =>
        ReportFirstAndLater(first, later, run.Workers().Take(Repetitions).Select(worker =>
        {
            Thread.Sleep(KillDelay);
            var killed = Watch.Now;
            run.Signal(worker, Libc.SignalKill);
            return run.WaitForReady(1)[0].Time - killed;
        }));

    /// <summary>Reports the first time on its own, because it includes what is compiled or allocated once, and the median of the others.</summary>
    private void ReportFirstAndLater(Figure first, Figure later, IEnumerable<TimeSpan> times)
    {
        TimeSpan[] all = [.. times];
        Report(first, all[0]);
        if (all.Length > 1)
        {
            report(later, Statistics.Median(all.Skip(1).Select(time => time.TotalMilliseconds)));
        }
    }

    private void Report(Figure figure, TimeSpan time) => report(figure, time.TotalMilliseconds);
}
