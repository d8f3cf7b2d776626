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
        new("kill any process", 10, (life, step) => life.Signal(life.AnyChild(step.Which), Linux.Kill)),
        new("kill a worker", 10, (life, step) => life.Signal(life.AnyWorker(step.Service, step.Which), Linux.Kill)),
        new("kill a spare", 4, (life, step) => life.Signal(life.AnySpare(step.Which), Linux.Kill)),
        new("kill several", 4, KillSeveral),
        new("terminate a process", 5, (life, step) => life.Signal(life.AnyChild(step.Which), Linux.Terminate)),
        new("interrupt a process", 2, (life, step) => life.Signal(life.AnyChild(step.Which), Linux.Interrupt)),
        new("stop any process", 3, (life, step) => life.Lasting.Stop(life.AnyChild(step.Which))),
        new("stop a worker", 3, (life, step) => life.Lasting.Stop(life.AnyWorker(step.Service, step.Which))),
        new("end a lasting fault", 8, (life, step) => life.Lasting.MendOne(step.Which)),
        new("resize", 10, (life, step) => life.Resize(step.Service, step.Amount % 7)),
        new("resize often", 3, ResizeOften),
        new("resize by file", 5, ResizeByFile),
        new("reload one worker", 5, (life, step) => life.Signal(life.AnyWorker(step.Service, step.Which), Linux.Hangup)),
        new("reload all", 4, (life, _) => Reload(life, "reload")),
        new("restart a service", 8, (life, step) => Reload(life, $"restart {step.Service}")),
        new("good edit", 6, (life, step) => life.EditWell(IsOdd(step))),
        new("edit of a script", 14, EditScript),
        new("bad edit", 6, (life, step) => life.Spoil(step.Amount / 10, IsOdd(step))),
        new("same content", 3, (life, step) => life.Rewrite(IsOdd(step))),
        new("give up", 2, GiveUp),
        new("grow old", 4, GrowOld),
        new("program cannot be started", 3, (life, _) => life.Lasting.BreakExecutable()),
        new("few descriptors", 3, (life, step) => life.Lasting.LimitDescriptors(10 + (step.Amount % 10))),
        new("few processes", 3, (life, step) => life.Lasting.LimitProcesses(step.Amount % 20)),
        new("edit that fills sockets", 3, EditLargely),
        new("stop the master for a while", 3, (life, step) => StopForAWhileAsync(life, step, [life.MasterId])),
        new("freeze the program", 3, (life, step) => StopForAWhileAsync(life, step, [.. Linux.ChildrenOf(life.MasterId), life.MasterId])),
        new("a log provider throws", 3, (life, _) => life.Lasting.BreakLog()),
    ];

    /// <summary>Signals to the master. Most of them end it, and a new master is started.</summary>
    public static IReadOnlyList<Fault> OfMasters { get; } =
    [
        new("kill the master", 3, (life, _) => Endings.KillAsync(life)),
        new("stop the master", 2, (life, _) => Endings.StopAsync(life)),
        new("stop the master at once", 1, (life, step) => Endings.StopAtOnceAsync(life, step)),
        new("reload by signal", 4, ReloadBySignal),
    ];

    /// <summary>No fault, but a check that all workers settle.</summary>
    public static Fault Quiet { get; } = new("quiet", 0, QuietPoint.RunAsync);

    private static void KillSeveral(Life life, Step step)
    {
        var children = Linux.ChildrenOf(life.MasterId);
        children.Skip((int)(step.Which * children.Count)).Take(2 + (step.Amount % 3)).ToList()
            .ForEach(child => life.Signal(child, Linux.Kill));
    }

    private static void ResizeOften(Life life, Step step)
    {
        life.Resize(step.Service, step.Amount % 7);
        life.Resize(step.Service, step.Amount % 4);
        life.Resize(step.Service, step.Amount % 5);
    }

    private static void ResizeByFile(Life life, Step step)
    {
        life.Wanted.Targets[step.Service] = step.Amount % 6;
        life.EditWell(IsOdd(step));
    }

    private static void Reload(Life life, string command)
    {
        life.Notes.Add("do-reload", detail: command);
        life.Say(command);
    }

    private static void ReloadBySignal(Life life, Step step)
    {
        // Before that, the signal would kill the master.
        if (life.IsListening)
        {
            life.Notes.Add("do-reload");
            life.Signal(life.MasterId, Linux.Hangup);
        }
    }

    private static void EditScript(Life life, Step step)
    {
        var (name, key, action) = Acts[step.Amount % Acts.Length];
        life.Notes.Add("do-script", detail: name);
        life.Wanted.Acts[key] = action;
        life.EditWell(inPlace: step.Which < 0.5);
    }

    /// <summary>More than the buffer of a socket takes (208 KiB). Paused workers read nothing of it.</summary>
    private static void EditLargely(Life life, Step step)
    {
        life.Wanted.ExtraGeneration++;
        life.Notes.Add("do-large-edit");
        life.Wanted.ExtraSize = 220_000 + (step.Amount * 100);
        life.EditWell(IsOdd(step));
    }

    private static void GiveUp(Life life, Step step)
    {
        life.Wanted.Acts["shaky:Run"] = "throw";
        life.Wanted.GivesUp.Add("shaky");
        life.EditWell(IsOdd(step));
    }

    private static void GrowOld(Life life, Step step)
    {
        life.Wanted.Ages.Add(step.Service);
        life.EditWell(IsOdd(step));
        life.Notes.Add("do-age", service: step.Service);
    }

    private static async Task StopForAWhileAsync(Life life, Step step, IReadOnlyList<int> processes)
    {
        life.Notes.Add("do-freeze", detail: "on");
        processes.ToList().ForEach(process => life.Signal(process, Linux.Stop));
        await Task.Delay(100 + step.Amount);
        processes.Reverse().ToList().ForEach(process => life.Signal(process, Linux.Continue));
        life.Notes.Add("do-freeze", detail: "off");
    }

    private static bool IsOdd(Step step) => step.Amount % 2 == 1;
}
