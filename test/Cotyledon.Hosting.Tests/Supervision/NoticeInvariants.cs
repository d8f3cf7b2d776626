using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>The notifications to the service manager are correct and in the right order.</summary>
internal sealed class NoticeInvariants(SupervisorState state)
{
    private bool _isReady;
    private bool _isReloading;
    private bool _isStopping;
    private string? _status;

    public void Check(List<SupervisorCommand> commands)
    {
        foreach (var command in commands)
        {
            switch (command)
            {
                case SupervisorCommand.AnnounceReady:
                    _isReady = true;
                    break;
                case SupervisorCommand.RunTerminateHooks:
                    _isStopping = true;
                    break;
                case SupervisorCommand.Notify notify:
                    Holds(state.Notices.Manager is not null, "is not set, but a notification is sent");
                    Check(notify.Notice);
                    break;
            }
        }

        Holds(
            state.Notices.Manager is null || state.HasStopped || state.Notices.LastStatus == StatusLine.Of(state)
                || state.Notices.Status.Deadline is not null || commands.Count == 0,
            "is not notified of a change");
    }

    private void Check(Notice notice)
    {
        switch (notice)
        {
            case Notice.Reloading:
                // Also during another reload: after a signal, the service manager waits for a new announcement.
                Holds(_isReady && !_isStopping, "is notified of a reload at the wrong time");
                _isReloading = true;
                break;
            case Notice.Ready:
                Holds(_isReloading && !_isStopping, "is notified of the end of a reload that was not announced");
                _isReloading = false;
                break;
            case Notice.Status status:
                Holds(status.Text != _status, "receives the same status twice");
                Holds(!status.Text.Contains('\n'), "receives a status of two lines");
                _status = status.Text;
                break;
            case Notice.ExtendTimeout extend:
                Holds(extend.Time > TimeSpan.Zero && extend.Time <= TimeSpan.FromSeconds(30), $"is asked for {extend.Time}");
                Holds(!_isReady || _isReloading || state.Phase != SupervisorPhase.Running, "is asked for an unneeded extension");
                break;
        }
    }

    private static void Holds(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new AssertionException($"The service manager {otherwise}.");
        }
    }
}
