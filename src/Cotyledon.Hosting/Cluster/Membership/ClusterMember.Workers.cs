namespace Cotyledon.Hosting.Cluster;

/// <summary>Lets workers run, and stops them.</summary>
internal sealed partial class ClusterMember
{
    private static void Hold(Holding holding, Attempt claim) =>
        (holding.IsHeld, holding.Attempt, holding.Incarnation) = (true, null, claim.Incarnation);

    /// <summary>Lets a worker run, if enough of the lease is left that it does not stop at once.</summary>
    private void Grant(long now, string service, int id, Holding holding)
    {
        if (holding is { IsHeld: true, Worker: WorkerPhase.None, Plan: HoldingPlan.Keep }
            && !_isLeaving && !_isSessionLost && now < _confirmedAt + _times.Stop - _times.Renew)
        {
            (holding.Worker, holding.GrantNumber) = (WorkerPhase.Granted, ++_lastNumber);
            _actions.Add(new ClusterAction.Grant(service, id, holding.GrantNumber, holding.Incarnation));
        }
    }

    private void Revoke(string service, int id, Holding holding, RevokeReason reason)
    {
        if (holding.Worker == WorkerPhase.Granted)
        {
            holding.Worker = WorkerPhase.Stopping;
            _actions.Add(new ClusterAction.Revoke(service, id, holding.GrantNumber, reason));
        }
    }

    private void Vacate(string service, int id, Holding holding)
    {
        holding.Worker = WorkerPhase.None;
        _isDirty = true;
        if (holding.Plan == HoldingPlan.Lost)
        {
            _holdings[service].Ids.Remove(id);
        }
    }

    private Holding? Find(string service, int id, long grantNumber) =>
        Of(service).Ids.GetValueOrDefault(id) is { } holding && holding.GrantNumber == grantNumber ? holding : null;
}
