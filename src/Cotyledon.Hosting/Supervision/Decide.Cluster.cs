using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Supervision.SupervisorMessage;

namespace Cotyledon.Hosting.Supervision;

/// <summary>
/// Services whose worker ids are assigned by the cluster: a slot belongs to the target while this program has a grant for it. An id is reported as
/// vacant only after its process is gone.
/// </summary>
internal readonly ref partial struct Decide
{
    private void OnSlotGranted(SlotGranted granted)
    {
        if (_state.Services.Find(s => s.Name == granted.Service && s.IsOfCluster) is { } service)
        {
            var slot = service.Grant(granted.WorkerId, new SlotGrant(granted.Grant, granted.LastIncarnation));
            slot.Incarnation = Math.Max(slot.Incarnation, granted.FirstIncarnation - 1);
            Retry(slot);
            _commands.Add(new RecordGrant(service.Name, slot.WorkerId, slot.Incarnation + 1));
        }
    }

    private void OnSlotRevoked(SlotRevoked revoked)
    {
        var service = _state.Services.Find(s => s.Name == revoked.Service);
        if (service?.FindSlot(revoked.WorkerId) is not { Grant: { IsRevoked: false } grant } slot || grant.Number != revoked.Grant)
        {
            return;
        }

        service.Revoke(slot, revoked.Reason, revoked.Cause);
        _commands.Add(new RecordGrant(service.Name, slot.WorkerId, slot.Incarnation, revoked.Cause));
        if (revoked.IsLost && slot.Process is { State: not WorkerState.Killed } process)
        {
            process.Departure.IsRequested = true;
            Kill(process, revoked.Reason, $"was killed: {revoked.Cause}.");
        }

        _state.ToReconcile.Enqueue(slot);
    }

    private void OnLeaseExtended(long leaseEnd)
    {
        _state.LeaseEnd = Math.Max(_state.LeaseEnd, leaseEnd);
        _commands.Add(new ExtendLease(_state.LeaseEnd));
        foreach (var slot in _state.Services.Where(s => s.IsOfCluster).SelectMany(s => s.Slots).Where(s => s is { Grant: not null, Process: null }))
        {
            _state.ToReconcile.Enqueue(slot); // It may have waited for the lease.
        }
    }

    private void OnLeaseExpired()
    {
        foreach (var slot in _state.Services.Where(s => s.IsOfCluster).SelectMany(s => s.Slots))
        {
            if (!HasLease(slot.Service) && slot.Process is { Incarnation: > 0, State: not WorkerState.Killed } process)
            {
                process.Departure.IsRequested = true;
                Kill(process, WorkerExitReason.LeaseEnded, "was killed because the lease of the cluster has ended.");
                _state.ToReconcile.Enqueue(slot);
            }
        }
    }

    private void OnClusterScaled(ClusterScaled scaled)
    {
        if (_state.Services.Find(s => s.Name == scaled.Service && s.IsOfCluster) is { } service && service.WorkerCount != scaled.Workers)
        {
            if (service.WorkerCount > 0)
            {
                _commands.Add(new RecordScale(service.Name, service.WorkerCount, scaled.Workers));
            }

            service.ScaleCluster(scaled.Workers);
            UpdateWorkers(service);
        }
    }

    /// <summary>The time in milliseconds before the end of the lease at which a worker kills its process group.</summary>
    private const long EarlyEnd = 100;

    /// <summary>Without a lease, the timer of the worker has killed it, for example while the master was paused.</summary>
    private void NoteEndOfLease(ProcessState exited)
    {
        if (exited is { Departure.Reason: null, Incarnation: > 0 } && !HasLease(exited.Slot.Service))
        {
            exited.Departure.Reason = WorkerExitReason.LeaseEnded;
        }
    }

    /// <summary>Without a lease, a new worker would be killed at once.</summary>
    private bool HasLease(ServiceState service) => !service.IsOfCluster || _state.BootTime < _state.LeaseEnd - EarlyEnd;

    /// <summary>
    /// Tells the cluster what this program can run. For the services in <paramref name="retried"/>, it also ends the time in which the program takes
    /// no worker ids after a failure, because the cause may have been removed.
    /// </summary>
    private void OfferClusterServices(IReadOnlyCollection<string>? retried = null)
    {
        if (_state.HasClusterServices)
        {
            _commands.Add(new OfferServices([.. _state.Services.Where(s => s.IsOfCluster).Select(s => s.Settings)], retried));
        }
    }

    private static bool HasUsedUp(Slot slot) => slot.Grant is { } grant && slot.Incarnation >= grant.LastIncarnation;

    /// <summary>Gives a worker id back that has no process and gets none here.</summary>
    private void ReturnToCluster(Slot slot, string cause)
    {
        if (slot.Grant is { IsRevoked: false } grant)
        {
            slot.Service.Revoke(slot, WorkerExitReason.Stopped, cause);
            slot.Service.Release(slot);
            slot.Service.GiveUp(slot, false);
            _state.ToReconcile.Enqueue(slot);
            _commands.Add(new RecordGrant(slot.Service.Name, slot.WorkerId, slot.Incarnation, cause));
            _commands.Add(new ReturnWorkerId(slot.Service.Name, slot.WorkerId, grant.Number));
        }
    }

    private void ReportIfVacant(Slot slot)
    {
        if (slot is { Process: null, Grant: { IsStuck: false } grant } && (grant.IsRevoked || _state.Phase == SupervisorPhase.Stopping))
        {
            slot.Service.Release(slot);
            _commands.Add(new ReportVacant(slot.Service.Name, slot.WorkerId, grant.Number));
        }
    }

    /// <summary>Called before slots are reconciled, so that the cluster receives the stop before the first vacant worker id.</summary>
    private void LeaveClusterWhenStopping()
    {
        if (_state is { Phase: SupervisorPhase.Stopping, HasClusterServices: true, HasLeftCluster: false })
        {
            _state.HasLeftCluster = true;
            _commands.Add(new LeaveCluster());
            foreach (var slot in _state.Services.Where(s => s.IsOfCluster).SelectMany(s => s.Slots).Where(s => s.Grant is not null))
            {
                _state.ToReconcile.Enqueue(slot);
            }
        }
    }
}
