namespace Cotyledon.Hosting.Supervision;

/// <summary>One service: what it is to have, and what it has.</summary>
internal sealed class ServiceState(ServiceSettings settings)
{
    private static readonly WorkerState[] AllStates = Enum.GetValues<WorkerState>();

    private readonly List<Slot> _slots = [];

    public ServiceSettings Settings { get; set; } = settings;

    public string Name => Settings.Name;

    /// <summary>The wanted number of workers.</summary>
    public int Target { get; private set; }

    /// <summary>Every slot that the service has ever had, so that incarnations go on where they were.</summary>
    public IReadOnlyList<Slot> Slots => _slots;

    /// <summary>How many slots of the target have a worker that works.</summary>
    public int Ready { get; private set; }

    /// <summary>How many slots are not as the target wants them: inside it without a working process, or outside with one.</summary>
    public int Unsettled { get; private set; }

    public int GivenUp { get; private set; }

    /// <summary>How the last one of its workers left that did.</summary>
    public WorkerExit? LastExit { get; set; }

    /// <summary>Slots whose worker is to be replaced, in the order in which they asked.</summary>
    public Queue<Slot> Replacements { get; } = new();

    /// <summary>Slots whose successor is started or waits; no more than may be unavailable at once.</summary>
    public List<Slot> Succeeding { get; } = [];

    /// <summary>Requests that end when the service is settled.</summary>
    public List<int> Requests { get; } = [];

    /// <summary>Whether a planned operation may take one more working worker away. Slots that were given up do not count.</summary>
    public bool CanSpareOne => Target - Ready - GivenUp < Settings.MaxUnavailable;

    /// <summary>Whether a slot is on its way from its old worker to the new one.</summary>
    public bool IsReplacing => _slots.Exists(s =>
        s is { Process.IsOnItsWayOut: true, EligibleSuccessor: not null }
            or { Process: { IsReplacement: true, ReadyAt: null } });

    /// <summary>
    /// Sets the target and returns the slots for which that makes a difference: new ones from the lowest id, those that are
    /// to leave from the highest.
    /// </summary>
    public List<Slot> Resize(int target)
    {
        var old = Target;
        Target = target;
        while (_slots.Count < target)
        {
            _slots.Add(new Slot(this, _slots.Count));
        }

        if (target >= old)
        {
            return _slots.GetRange(old, target - old);
        }

        var leaving = _slots.GetRange(target, old - target);
        leaving.Reverse();
        return leaving;
    }

    /// <summary>How many slots are in each state; those that are empty and not wanted do not count.</summary>
    public Dictionary<WorkerState, int> CountByState()
    {
        var result = AllStates.ToDictionary(s => s, _ => 0);
        foreach (var slot in _slots.Where(s => s.IsInTarget || s.Process is not null))
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
            GivenUp += value ? 1 : -1;
        }
    }

    /// <summary>Brings the counters in line with what has become of a slot.</summary>
    public void Count(Slot slot)
    {
        var ready = slot.IsInTarget && slot.Process is { Works: true };
        var unsettled = slot.IsInTarget ? !ready && !slot.IsGivenUp : slot.Process is not null;
        Ready += (ready ? 1 : 0) - (slot.CountsAsReady ? 1 : 0);
        Unsettled += (unsettled ? 1 : 0) - (slot.CountsAsUnsettled ? 1 : 0);
        slot.CountsAsReady = ready;
        slot.CountsAsUnsettled = unsettled;
    }
}
