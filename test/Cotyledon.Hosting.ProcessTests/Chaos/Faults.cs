namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>All faults. A new fault is a line in one of the lists.</summary>
internal static class Faults
{
    /// <summary>Script actions of services, as <c>SERVICE:POINT</c> and the action.</summary>
    private static readonly (string Name, string Key, string Action)[] Acts =
    [
        ("crash on start", "heavy:Constructor", "throw"),
        ("crash on start", "light:Start", "throw"),
        ("crash soon", "light:Run", "delay:400 throw"),
        ("crash now and then", "shaky:Run", "delay:1500 throw"),
        ("exit by itself", "shaky:Run", "delay:700 exit:7"),
        ("ask for a restart", "shaky:Run", "delay:900 restart wait"),
        ("die of a signal", "shaky:Run", "delay:600 signal:11"),
        ("slow start", "heavy:Constructor", "delay:1500"),
        ("slow start", "light:Start", "delay:1000"),
        ("slow terminate", "heavy:Terminate", "delay:1200"),
        ("hang in terminate", "heavy:Terminate", "hang"),
        ("hang in terminate", "shaky:Terminate", "blockpool hang"),
        ("code of its own", "heavy:Terminate", "leave:42"),
        ("crash in terminate", "shaky:Terminate", "throw"),
        ("crash in reload", "heavy:Reload", "throw"),
        ("hang in reload", "heavy:Reload", "hang"),
        ("flood", "light:Run", "print:3"),
        ("flood", "shaky:Run", "print:8 wait"),
    ];

    /// <summary>Faults that the master survives.</summary>
    public static IReadOnlyList<Fault> OfWorkers { get; } =
    [
        new("kill any process", 10, (run, step) => run.Signal(run.AnyChild(step.Which), Linux.Kill)),
        new("kill a worker", 10, (run, step) => run.Signal(run.AnyWorker(step.Service, step.Which), Linux.Kill)),
        new("kill a spare", 4, (run, step) => run.Signal(run.AnySpare(step.Which), Linux.Kill)),
        new("kill several", 4, KillSeveral),
        new("terminate a process", 5, (run, step) => run.Signal(run.AnyChild(step.Which), Linux.Terminate)),
        new("interrupt a process", 2, (run, step) => run.Signal(run.AnyChild(step.Which), Linux.Interrupt)),
        new("stop any process", 3, (run, step) => run.Lasting.Stop(run.AnyChild(step.Which))),
        new("stop a worker", 3, (run, step) => run.Lasting.Stop(run.AnyWorker(step.Service, step.Which))),
        new("end a lasting fault", 8, (run, step) => run.Lasting.EndOne(step.Which)),
        new("resize", 10, (run, step) => run.Scale(step.Service, step.Amount % 7)),
        new("resize often", 3, ResizeOften),
        new("resize by file", 5, ResizeByFile),
        new("reload one worker", 5, (run, step) => run.Signal(run.AnyWorker(step.Service, step.Which), Linux.Hangup)),
        new("reload all", 4, (run, _) => Reload(run, "reload")),
        new("restart a service", 8, (run, step) => Reload(run, $"restart {step.Service}")),
        new("good edit", 6, (run, step) => run.EditWell(IsOdd(step))),
        new("edit of a script", 14, EditScript),
        new("bad edit", 6, (run, step) => run.Spoil(step.Amount / 10, IsOdd(step))),
        new("same content", 3, (run, step) => run.Rewrite(IsOdd(step))),
        new("give up", 2, GiveUp),
        new("grow old", 4, GrowOld),
        new("program cannot be started", 3, (run, _) => run.Lasting.BreakExecutable()),
        new("few descriptors", 3, (run, step) => run.Lasting.LimitDescriptors(10 + (step.Amount % 10))),
        new("few processes", 3, (run, step) => run.Lasting.LimitProcesses(step.Amount % 20)),
        new("edit that fills sockets", 3, EditLargely),
        new("stop the master for a while", 3, (run, step) => StopForAWhileAsync(run, step, [run.MasterId])),
        new("freeze the program", 3, (run, step) => StopForAWhileAsync(run, step, [.. Linux.ChildrenOf(run.MasterId), run.MasterId])),
        new("a log provider throws", 3, (run, _) => run.Lasting.BreakLog()),
    ];

    /// <summary>Signals to the master. Most of them end it, and a new master is started.</summary>
    public static IReadOnlyList<Fault> OfMasters { get; } =
    [
        new("kill the master", 3, (run, _) => Endings.KillAsync(run)),
        new("stop the master", 2, (run, _) => Endings.StopAsync(run)),
        new("stop the master at once", 1, (run, step) => Endings.StopAtOnceAsync(run, step)),
        new("reload by signal", 4, ReloadBySignal),
    ];

    /// <summary>No fault, but a check that all workers settle.</summary>
    public static Fault Quiet { get; } = new("quiet", 0, QuietPoint.RunAsync);

    private static void KillSeveral(MasterRun run, Step step)
    {
        var children = Linux.ChildrenOf(run.MasterId);
        children.Skip((int)(step.Which * children.Count)).Take(2 + (step.Amount % 3)).ToList()
            .ForEach(child => run.Signal(child, Linux.Kill));
    }

    private static void ResizeOften(MasterRun run, Step step)
    {
        run.Scale(step.Service, step.Amount % 7);
        run.Scale(step.Service, step.Amount % 4);
        run.Scale(step.Service, step.Amount % 5);
    }

    private static void ResizeByFile(MasterRun run, Step step)
    {
        run.Wanted.Targets[step.Service] = step.Amount % 6;
        run.EditWell(IsOdd(step));
    }

    private static void Reload(MasterRun run, string command)
    {
        run.Notes.Add("do-reload", detail: command);
        run.Say(command);
    }

    private static void ReloadBySignal(MasterRun run, Step step)
    {
        // Before that, the signal would kill the master.
        if (run.IsListening)
        {
            run.Notes.Add("do-reload");
            run.Signal(run.MasterId, Linux.Hangup);
        }
    }

    private static void EditScript(MasterRun run, Step step)
    {
        var (name, key, action) = Acts[step.Amount % Acts.Length];
        run.Notes.Add("do-script", detail: name);
        run.Wanted.Acts[key] = action;
        run.EditWell(inPlace: step.Which < 0.5);
    }

    /// <summary>More than the buffer of a socket takes (208 KiB). Paused workers read nothing of it.</summary>
    private static void EditLargely(MasterRun run, Step step)
    {
        run.Wanted.ExtraGeneration++;
        run.Notes.Add("do-large-edit");
        run.Wanted.ExtraSize = 220_000 + (step.Amount * 100);
        run.EditWell(IsOdd(step));
    }

    private static void GiveUp(MasterRun run, Step step)
    {
        run.Wanted.Acts["shaky:Run"] = "throw";
        run.Wanted.GivenUp.Add("shaky");
        run.EditWell(IsOdd(step));
    }

    private static void GrowOld(MasterRun run, Step step)
    {
        run.Wanted.Ages.Add(step.Service);
        run.EditWell(IsOdd(step));
        run.Notes.Add("do-age", service: step.Service);
    }

    private static async Task StopForAWhileAsync(MasterRun run, Step step, IReadOnlyList<int> processes)
    {
        run.Notes.Add("do-freeze", detail: "on");
        processes.ToList().ForEach(process => run.Signal(process, Linux.Stop));
        await Task.Delay(100 + step.Amount);
        processes.Reverse().ToList().ForEach(process => run.Signal(process, Linux.Continue));
        run.Notes.Add("do-freeze", detail: "off");
    }

    private static bool IsOdd(Step step) => step.Amount % 2 == 1;
}
