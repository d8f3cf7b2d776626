using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Master;

/// <summary>Requests that the supervisor may not complete for a long time.</summary>
internal sealed partial class SupervisorService
{
    private async Task<ScaleResult> ScaleServiceAsync(string service, int? workers, CancellationToken cancellationToken)
    {
        var name = settings.FindService(service);
        if (_supervisor is not { } supervisor || _output is not { } output)
        {
            throw NotStarted();
        }

        var start = clock.GetTimestamp();
        var (number, answer) = output.NewRequest();
        supervisor.Post(new SupervisorMessage.ScaleRequested(name, workers, number));
        try
        {
            var (_, error, outcome) = await answer.WaitAsync(cancellationToken).ConfigureAwait(false);
            return new ScaleResult
            {
                Outcome = outcome ?? throw new InvalidOperationException(error),
                Errors = error is null ? [] : [error],
                Duration = clock.GetElapsedTime(start),
            };
        }
        catch (OperationCanceledException)
        {
            // The workers may never become ready, and the requests of many callers that have given up would pile up.
            output.Forget(number);
            supervisor.Post(new SupervisorMessage.ScaleAbandoned(name, number));
            throw;
        }
    }

    /// <summary>
    /// Reloads, and announces the reload before it runs: the service manager waits only for its own timeout, and another reload or restart may
    /// have to end first.
    /// </summary>
    private static async Task ReloadOnSignalAsync(Supervisor supervisor, ReloadCoordinator reloads)
    {
        supervisor.Post(new SupervisorMessage.ReloadSignaled());
        Task reload = reloads.ReloadAsync("SIGHUP");
        await reload.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        supervisor.Post(new SupervisorMessage.ReloadAnnounced(Begins: false));
    }
}
