namespace Cotyledon.Hosting.Supervision;

/// <summary>The state of a service: its target number of workers, and its slots.</summary>
internal sealed class ServiceState(ServiceSettings settings)
{
    private static readonly WorkerState[] AllStates = Enum.GetValues<WorkerState>();

    private readonly List<Slot> _slots = [];
    private int _clusterCount;

    public ServiceSettings Settings { get; set; } = settings;

    public string Name => Settings.Name;

    /// <summary>Whether the cluster assigns its worker ids.</summary>
    public bool IsOfCluster => Settings.Scope == WorkerScope.Cluster;

    /// <summary>The number of workers that should run in this program.</summary>
    public int Target { get; private set; }

    /// <summary>The number of workers of the service, on all machines if <see cref="IsOfCluster"/>.</summary>
    public int WorkerCount => IsOfCluster ? _clusterCount : Target;

    /// <summary>All slots that the service has ever had. A worker id that was removed and added again continues its incarnations.</summary>
    public IReadOnlyList<Slot> Slots => _slots;

    /// <summary>The number of slots of the target with a ready or idle worker.</summary>
    public int Ready { get; private set; }

    /// <summary>The number of slots that do not match the target: inside it without a ready worker, or outside it with a process.</summary>
    public int Unsettled { get; private set; }

    public int GivenUp { get; private set; }

    /// <summary>The number of slots of the target that were given up and are tried again, and whose worker is not ready yet.</summary>
    public int Retried { get; private set; }

    /// <summary>The number of slots of the target whose process SIGKILL has not ended.</summary>
    public int Stuck { get; private set; }

    public WorkerExit? LastExit { get; set; }

    /// <summary>Slots whose worker will be replaced, in the order of the requests.</summary>
    public Queue<Slot> Replacements { get; } = new();

    /// <summary>Slots whose successor is starting or waiting; at most <see cref="ServiceSettings.MaxUnavailable"/>.</summary>
    public List<Slot> ReplacementsInProgress { get; } = [];

    /// <summary>Requests that complete when the service matches its target, and the number of workers that each requested.</summary>
    public List<(int Request, int Workers)> ScaleRequests { get; } = [];

    /// <summary>
    /// Whether a planned replacement may stop one more ready worker. Workers that were given up do not count as unavailable, not even while they
    /// are tried again. Nor do workers whose process does not end, because that may last for ever.
    /// </summary>
    public bool CanStopOne => Target - Ready - GivenUp - Retried - Stuck < Settings.MaxUnavailable;

    /// <summary>Whether a slot is changing from its old worker to the new one.</summary>
    public bool IsReplacing => _slots.Exists(s =>
        s is { Process: { IsLeaving: true, IsStuck: false }, EligibleSuccessor: not null }
            or { Process: { IsReplacement: true, ReadyAt: null, IsStuck: false } });

    /// <summary>
    /// Sets the target and returns the affected slots: new slots in ascending order of worker ids, or slots to be stopped in descending
    /// order.
    /// </summary>
    public List<Slot> Scale(int target)
    {
        var old = Target;
        Target = target;
        CreateSlots(target);
        if (target >= old)
        {
            return _slots.GetRange(old, target - old);
        }

        var leaving = _slots.GetRange(target, old - target);
        leaving.Reverse();
        return leaving;
    }

    public Slot? FindSlot(int workerId) => workerId < _slots.Count ? _slots[workerId] : null;

    /// <summary>Sets the number of workers in the whole cluster.</summary>
    public void ScaleCluster(int count)
    {
        _clusterCount = count;
        CreateSlots(count);
    }

    /// <summary>Adds a slot to the target.</summary>
    public Slot Grant(int workerId, SlotGrant grant)
    {
        CreateSlots(workerId + 1);
        var slot = _slots[workerId];
        Target += slot.IsInTarget ? 0 : 1;
        slot.Grant = grant;
        return slot;
    }

    /// <summary>Removes a slot from the target. Its process may still exist.</summary>
    public void Revoke(Slot slot, WorkerExitReason reason, string cause)
    {
        Target--;
        slot.Grant!.IsRevoked = true;
        slot.Grant.Revocation = (reason, cause);
    }

    /// <summary>Forgets the grant of a slot without a process.</summary>
    public void Release(Slot slot)
    {
        Target -= slot.IsInTarget ? 1 : 0;
        slot.Grant = null;
    }

    private void CreateSlots(int count)
    {
        while (_slots.Count < count)
        {
            _slots.Add(new Slot(this, _slots.Count));
        }
    }

    /// <summary>Returns the number of slots in each state. Empty slots outside the target do not count, except for those of other machines.</summary>
    public Dictionary<WorkerState, int> CountByState()
    {
        var result = AllStates.Where(s => s != WorkerState.Standby || IsOfCluster).ToDictionary(s => s, _ => 0);
        foreach (var slot in _slots.Where(s => s.IsListed))
        {
            result[slot.State]++;
        }

        return result;
    }

    public void GiveUp(Slot slot, bool value)
    {
        if (slot.IsGivenUp != value)
        {
            slot.IsGivenUp = value;
            slot.IsRetried = !value;
            GivenUp += value ? 1 : -1;
            Count(slot);
        }
    }

    /// <summary>Updates the counters after a change of a slot.</summary>
    public void Count(Slot slot)
    {
        var ready = slot.IsInTarget && slot.Process is { Works: true };
        var unsettled = slot.IsInTarget ? !ready && !slot.IsGivenUp : slot.Process is not null;
        slot.IsRetried &= slot.IsInTarget && !ready;
        Ready += (ready ? 1 : 0) - (slot.Counted.AsReady ? 1 : 0);
        Unsettled += (unsettled ? 1 : 0) - (slot.Counted.AsUnsettled ? 1 : 0);
        var stuck = slot is { IsInTarget: true, Process.IsStuck: true };
        var retried = slot.IsRetried && !stuck;
        Retried += (retried ? 1 : 0) - (slot.Counted.AsRetried ? 1 : 0);
        Stuck += (stuck ? 1 : 0) - (slot.Counted.AsStuck ? 1 : 0);
        slot.Counted = (ready, unsettled, retried, stuck);
    }
}
