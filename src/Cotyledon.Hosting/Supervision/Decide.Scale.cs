using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Supervision.SupervisorMessage;

namespace Cotyledon.Hosting.Supervision;

/// <summary>Changes the number of workers, and tries those again that were given up or back off.</summary>
internal readonly ref partial struct Decide
{
    private void OnScaleRequested(ScaleRequested request)
    {
        if (_state.Phase != SupervisorPhase.Running)
        {
            Complete(request.Request, NotRunningError, _state.Phase == SupervisorPhase.NotStarted ? null : ScaleOutcome.Failed);
            return;
        }

        var service = _state.Services.Single(s => s.Name == request.Service);
        var workers = request.Workers ?? service.Settings.Workers;
        if (service.IsOfCluster && request.Workers is not null)
        {
            Complete(request.Request, $"The number of workers of '{service.Name}' is the same on all machines of the cluster, so it can only be "
                + $"changed in the configuration: Cotyledon:Services:{service.Name}:Workers.");
            return;
        }

        if (request.Request is { } number)
        {
            service.ScaleRequests.Add((number, workers));
        }

        RetryDownSlots(service);
        if (service.IsOfCluster)
        {
            OfferClusterServices([service.Name]);
        }
        else
        {
            Scale(service, workers);
        }
    }

    private void OnScaleAbandoned(ScaleAbandoned abandoned) =>
        _state.Services.Single(s => s.Name == abandoned.Service).ScaleRequests.RemoveAll(r => r.Request == abandoned.Request);

    /// <summary>Answers the requests when the service has its target number of ready workers, or cannot reach it.</summary>
    private void CompleteScaleRequests(ServiceState service)
    {
        if (service.ScaleRequests.Count == 0)
        {
            return;
        }

        var stuck = service.Slots.Count(s => s.Process is { IsStuck: true });
        if (service.Unsettled > stuck && _state.Phase == SupervisorPhase.Running)
        {
            return;
        }

        var error = _state.Phase != SupervisorPhase.Running ? StoppingError
            : stuck > 0 ? $"{stuck} process{(stuck == 1 ? " of '" : "es of '")}{service.Name}' {(stuck == 1 ? "has" : "have")} not exited within "
                + $"{_state.Settings.ExitTimeout} after SIGKILL."
            : service.GivenUp > 0 ? $"{service.GivenUp} of {service.Target} workers of '{service.Name}' crashed too often."
            : null;
        foreach (var (request, workers) in service.ScaleRequests)
        {
            // The machines of a cluster take over workers from each other, which changes the number on this machine.
            _commands.Add(
                error is not null ? new CompleteRequest(request, error, ScaleOutcome.Failed)
                : workers == service.Target || service.IsOfCluster ? new CompleteRequest(request, null, ScaleOutcome.Scaled)
                : new CompleteRequest(
                    request, $"A later change has set the number of workers of '{service.Name}' to {service.Target}.", ScaleOutcome.Superseded));
        }

        service.ScaleRequests.Clear();
    }

    /// <summary>Restarts workers that were given up or are backing off, because the cause of their crashes may have been removed.</summary>
    private void RetryDownSlots(ServiceState service)
    {
        foreach (var slot in service.Slots.Where(s => s.IsGivenUp || s.Deadline is not null))
        {
            Retry(slot);
        }
    }

    /// <summary>
    /// Restarts workers whose last process exited before it had a worker id: a configuration file that it could not read may be valid now.
    /// </summary>
    private void OnConfigurationFilesChanged()
    {
        foreach (var slot in _state.Services.Append(_state.Spares).SelectMany(s => s.Slots))
        {
            if (slot is { Process: null, LastExit.Incarnation: 0 } && (slot.IsGivenUp || slot.Deadline is not null))
            {
                Retry(slot);
            }
        }
    }

    private void Retry(Slot slot)
    {
        slot.Service.GiveUp(slot, false);
        slot.Deadline = null;
        slot.Failures.InRow = 0;
        slot.Failures.Window.Clear();
        _state.ToReconcile.Enqueue(slot);
    }

    private void Scale(ServiceState service, int target)
    {
        if (service.Target == target)
        {
            return;
        }

        _commands.Add(new RecordScale(service.Name, service.Target, target));
        service.Scale(target).ForEach(_state.ToReconcile.Enqueue);
        UpdateWorkers(service);
    }

    private void UpdateWorkers(ServiceState service)
    {
        foreach (var slot in service.Slots)
        {
            if (slot.IsInTarget && slot.Process is { Incarnation: > 0, IsLeaving: false } process)
            {
                _commands.Add(new UpdateWorker(
                    process.Spawn, service.WorkerCount, service.Settings.GracefulTimeout, service.Settings.LivenessTimeout));
            }
        }
    }
}
