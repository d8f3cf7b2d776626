using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Launching;

/// <summary>Translates between the frames of the channel and the messages and commands of the supervisor.</summary>
internal static class WorkerFrames
{
    private static readonly Guid OwnBuild = Frame.Hello.BuildOfThisProcess;

    public static void Report(int spawn, Frame frame, Action<SupervisorMessage> report)
    {
        SupervisorMessage? message = frame switch
        {
            Frame.Hello { Version: Protocol.Version } hello => new SupervisorMessage.WorkerSaidHello(
                spawn, IsOtherBuild: hello.ModuleVersionId != OwnBuild),
            Frame.Hello hello => new SupervisorMessage.WorkerBrokeProtocol(
                spawn,
                $"It uses protocol version {hello.Version}, but the master uses {Protocol.Version}. Restart the master after an upgrade."),
            Frame.Ready => new SupervisorMessage.WorkerBecameReady(spawn),
            Frame.Idle => new SupervisorMessage.WorkerBecameIdle(spawn),
            Frame.Leaving leaving => new SupervisorMessage.WorkerIsLeaving(spawn, leaving.Reason, leaving.Detail),
            Frame.Reloaded => new SupervisorMessage.WorkerReloaded(spawn),
            Frame.CannotReload => new SupervisorMessage.WorkerCannotReload(spawn),
            Frame.Alive => new SupervisorMessage.WorkerIsAlive(spawn),
            Frame.ReloadMe => new SupervisorMessage.WorkerAskedForReload(spawn),
            Frame.ShutDown shutDown => new SupervisorMessage.WorkerAskedForShutdown(spawn, shutDown.ExitCode),
            Frame.ReplaceMe => new SupervisorMessage.WorkerAskedForReplacement(spawn),
            _ => null,
        };
        if (message is not null)
        {
            report(message);
        }
    }

    public static Frame.Assign ToFrame(this WorkerAssignment assignment) => new(
        assignment.Service,
        assignment.WorkerId,
        assignment.WorkerCount,
        assignment.Incarnation,
        assignment.GracefulTimeout,
        assignment.LivenessTimeout,
        assignment.HookTimeout,
        assignment.WaitForMarkReady)
    {
        LeaseEnd = assignment.LeaseEnd,
    };

    public static Frame.Update ToFrame(this SupervisorCommand.UpdateWorker update) =>
        new(update.WorkerCount, update.GracefulTimeout, update.LivenessTimeout);
}
