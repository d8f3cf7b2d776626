using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>A master with random settings that receives random messages: plausible ones, and some that cannot occur.</summary>
/// <param name="random">The source of all random decisions.</param>
/// <param name="reloadRarity">The average number of steps between reloads, rolling restarts and changes of settings.</param>
internal sealed class Chaos(Random random, int reloadRarity = 60)
{
    private static readonly TimeSpan[] Times =
        [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60), TimeSpan.FromHours(2)];

    private readonly int _stopRarity = random.Next(3) == 0 ? 200 : int.MaxValue;
    private readonly int _crashRarity = random.Next(1, 20);
    private int _requests;

    public Master Master { get; } = Create(random);

    public void Step()
    {
        if (random.Next(_stopRarity) == 0)
        {
            StopAtRandom();
            return;
        }

        if (random.Next(reloadRarity) == 0)
        {
            ReloadAtRandom();
            return;
        }

        switch (random.Next(20))
        {
            case 0:
                int? request = random.Next(2) == 0 ? ++_requests : null;
                Master.Scale(random.Next(7), request, random.Next(Master.State.Services.Count));
                break;
            case 1:
                Master.AreAlive = random.Next(3) != 0;
                Master.AdvanceToNextDeadline();
                break;
            case 2 or 3:
                Master.Advance(random.NextDouble() * Times[random.Next(Times.Length)]);
                break;
            case 4 when Master.State.Held.Count > 0:
                Master.ReplacementHooksCompleted(Master.State.Held.Keys.ElementAt(random.Next(Master.State.Held.Count)));
                break;
            case 5:
                KillAtRandom();
                break;
            case 6:
                SendAnyMessage(random.Next(1, Master.State.LastSpawn + 2));
                break;
            default:
                AdvanceOneProcess();
                break;
        }
    }

    private static Master Create(Random random)
    {
        var services = Enumerable.Range(0, random.Next(1, 4)).Select(i => new ServiceSettings
        {
            Name = $"S{i}",
            Workers = random.Next(6),
            GracefulTimeout = random.Next(5) == 0 ? Timeout.InfiniteTimeSpan : AnyTime(random),
            ReadyTimeout = random.Next(5) == 0 ? Timeout.InfiniteTimeSpan : AnyTime(random),
            MaxUnavailable = random.Next(1, 4),
            Backoff = new Backoff(TimeSpan.FromSeconds(0.5), AnyTime(random)),
            StableAfter = random.Next(5) == 0 ? TimeSpan.Zero : AnyTime(random),
            MaxRestarts = random.Next(3) == 0 ? random.Next(0, 6) : null,
            MaxRestartsWindow = AnyTime(random),
            OnGiveUp = random.Next(10) == 0 ? GiveUpAction.StopHost : GiveUpAction.KeepDown,
            LivenessTimeout = random.Next(3) == 0 ? Times[^1] : Timeout.InfiniteTimeSpan,
            MaxAge = random.Next(4) == 0 ? Times[^random.Next(1, 3)] : null,
            MaxMemory = random.Next(4) == 0 ? 1000 : null,
        });
        var master = new Master(
            Master.Defaults with { MaxConcurrentStarts = random.Next(1, 6), SpareWorkers = Math.Max(0, random.Next(-3, 3)) }, [.. services])
        {
            Manager = random.Next(2) == 0 ? new ServiceManager() : null,
            HasReplacementHooks = random.Next(2) == 0,
        };
        if (random.Next(20) != 0)
        {
            master.Start();
        }

        return master;
    }

    private static TimeSpan AnyTime(Random random) => Times[random.Next(Times.Length)];

    private void KillAtRandom()
    {
        var service = Master.State.Services[random.Next(Master.State.Services.Count)];
        var workerId = random.Next(7);
        var incarnation = workerId < service.Slots.Count ? service.Slots[workerId].Incarnation : 1;
        Master.Send(new SupervisorMessage.KillRequested(service.Name, workerId, incarnation - random.Next(2), ++_requests, "test"));
    }

    private void StopAtRandom()
    {
        switch (random.Next(6))
        {
            case 0:
                Master.FastStop();
                break;
            case 1 or 2:
                Master.HooksCompleted();
                break;
            default:
                Master.Stop(random.Next(3));
                break;
        }
    }

    private void ReloadAtRandom()
    {
        if (random.Next(3) == 0)
        {
            Master.Send(new SupervisorMessage.ReloadAnnounced(random.Next(2) == 0));
        }
        else if (random.Next(4) == 0)
        {
            ChangeSettings(isAll: true);
        }
        else if (Master.State.Operation is null)
        {
            Reload();
        }
    }

    private void Reload()
    {
        var service = Master.State.Services[random.Next(Master.State.Services.Count)].Name;
        switch (random.Next(5))
        {
            case 0:
                Request(new ReloadAction.ReloadProcess(random.Next(Master.State.LastSpawn + 1)));
                break;
            case 4:
                Request(new ReloadAction.RestartWorker(service, random.Next(7)));
                break;
            case 2:
                Request(new ReloadAction.RestartService(service));
                break;
            default:
                // Same order as in the master: the accepted settings first, then the reload of the services.
                ChangeSettings(isAll: false);
                Request(new ReloadAction.ReloadServices());
                break;
        }

        void Request(ReloadAction action) => Master.Send(new SupervisorMessage.ReloadRequested(++_requests, action));
    }

    private void ChangeSettings(bool isAll) => Master.Send(new SupervisorMessage.SettingsChanged(
        Master.State.Settings with
        {
            MaxConcurrentStarts = random.Next(Master.State.Settings.MaxConcurrentStarts, 6),
            SpareWorkers = Math.Max(0, random.Next(-3, 3)),
        },
        [.. Master.State.Services.Select(s => s.Settings with
        {
            Workers = random.Next(2) == 0 ? s.Settings.Workers : random.Next(6),
            GracefulTimeout = s.Settings.GracefulTimeout == Timeout.InfiniteTimeSpan ? Timeout.InfiniteTimeSpan : AnyTime(random),
            ReadyTimeout = s.Settings.ReadyTimeout == Timeout.InfiniteTimeSpan ? Timeout.InfiniteTimeSpan : AnyTime(random),
            ReloadMethod = (ReloadMethod)random.Next(3),
            MaxUnavailable = random.Next(1, 4),
            MaxRestarts = random.Next(3) is > 0 and var restarts ? restarts - 1 : null,
            LivenessTimeout = random.Next(3) == 0 ? Times[^1] : Timeout.InfiniteTimeSpan,
            MaxAge = random.Next(4) == 0 ? Times[^random.Next(1, 3)] : null,
            MaxMemory = random.Next(4) == 0 ? 1000 : null,
            Start = random.Next(4) == 0
                ? new StartSettings(new Dictionary<string, string?> { ["A"] = $"{random.Next(3)}" }, null)
                : s.Settings.Start,
        })],
        isAll,
        random.Next(3) > 0));

    private void AdvanceOneProcess()
    {
        if (Master.State.Processes.Count == 0)
        {
            Master.Start();
            return;
        }

        var process = Master.State.Processes.Values.ElementAt(random.Next(Master.State.Processes.Count));
        if (random.Next(_crashRarity) == 0)
        {
            Master.Exit(process, random.Next(2) == 0 ? ExitStatus.Signaled(11) : ExitStatus.Exited(random.Next(3)));
        }
        else if (random.Next(10) == 0)
        {
            Master.AskForReplacement(process);
        }
        else if (random.Next(10) == 0)
        {
            Master.Leaving(process, (WorkerExitReason)random.Next(6), "a reason");
        }
        else if (!Master.TakeNextStep(process))
        {
            SendAnyMessage(process.Spawn);
        }
    }

    private void SendAnyMessage(int spawn) => Master.Send(random.Next(12) switch
    {
        10 => new SupervisorMessage.WorkerMemoryMeasured(spawn, random.Next(800, 1200)),
        11 => new SupervisorMessage.WorkerInspected(spawn, "it sleeps"),
        7 => new SupervisorMessage.WorkerReloaded(spawn),
        8 => new SupervisorMessage.ConfigurationFilesChanged(),
        0 => new SupervisorMessage.WorkerStarted(spawn, 5000 + spawn),
        1 => new SupervisorMessage.WorkerStartFailed(spawn, "no such file"),
        2 => random.Next(5) == 0
            ? new SupervisorMessage.WorkerBrokeProtocol(spawn, "another version")
            : new SupervisorMessage.WorkerSaidHello(spawn),
        3 => new SupervisorMessage.WorkerBecameReady(spawn),
        4 => new SupervisorMessage.WorkerBecameIdle(spawn),
        5 => new SupervisorMessage.WorkerIsLeaving(spawn, (WorkerExitReason)random.Next(6), null),
        6 => random.Next(2) == 0
            ? new SupervisorMessage.WorkerCannotReload(spawn)
            : new SupervisorMessage.WorkerAskedForReplacement(spawn),
        _ => new SupervisorMessage.WorkerExited(spawn, ExitStatus.Signaled(9), []),
    });
}
