namespace Cotyledon.Hosting.Supervision;

/// <summary>A reload or rolling restart, from the request until the last affected worker is done.</summary>
/// <param name="request">The number of the request, for the answer.</param>
/// <param name="lastSpawnBefore">The last spawn number before the request. Processes with a higher number were started after it.</param>
/// <param name="isRestart">Whether workers must be replaced, so that a reload in place is not enough.</param>
/// <param name="configuration">The version of the configuration to reload; <see langword="null"/> if the workers have to change without a new one.</param>
internal sealed class ReloadOperation(int request, int lastSpawnBefore, bool isRestart = false, int? configuration = null)
{
    private readonly Dictionary<string, ServiceReload> _services = [];
    private readonly Dictionary<string, List<string>> _failures = [];

    /// <summary>The incarnation of each affected slot before the operation, and the time at which its reload or new process began.</summary>
    private readonly Dictionary<Slot, (long? OldIncarnation, TimeSpan? BeganAt)> _slots = [];

    public int Request { get; } = request;

    public bool IsRestart { get; } = isRestart;

    /// <summary>The number of affected slots.</summary>
    public int Total => _slots.Count;

    /// <summary>The number of slots without an outcome.</summary>
    public int Pending { get; private set; }

    /// <summary>Whether the program stops before all workers have an outcome.</summary>
    public bool IsCutShort { get; private set; }

    public IReadOnlyList<ServiceReload> Services =>
        [.. _services.Values.Select(s => _failures.TryGetValue(s.Service, out var failures) ? s with { Failures = failures } : s)];

    /// <summary>
    /// Whether the process replaces a worker of this reload: it was started after the request or with the configuration to reload, or was a
    /// spare that a slot has taken during the reload.
    /// </summary>
    public bool IsNew(ProcessState process) =>
        process.Spawn > lastSpawnBefore || process.TakenDuring == this || process.StartedWith >= configuration;

    public void Add(Slot slot)
    {
        slot.Operation = this;
        Pending++;
        _slots.Add(slot, (slot.Process is { Incarnation: > 0 and var old } ? old : null, null));
        _services.TryAdd(slot.Service.Name, new ServiceReload { Service = slot.Service.Name });
    }

    /// <summary>Records that the reload of the worker, or the start of its successor, has begun.</summary>
    public void Begin(Slot slot, TimeSpan now) => _slots[slot] = _slots[slot] with { BeganAt = now };

    /// <summary>Leaves out the time since then in which the successor has waited for other workers. It may have begun to wait before the operation.</summary>
    public void Exclude(Slot slot, TimeSpan since, TimeSpan now)
    {
        var (oldIncarnation, beganAt) = _slots[slot];
        _slots[slot] = (oldIncarnation, since < beganAt ? now : beganAt + (now - since));
    }

    /// <summary>Records the outcome of a slot, and returns it as a step.</summary>
    public OperationStep Settle(Slot slot, OperationStepKind kind, string? failure, TimeSpan now)
    {
        Remove(slot);
        var (name, counts) = (slot.Service.Name, _services[slot.Service.Name]);
        switch (kind)
        {
            case OperationStepKind.Reloaded:
                _services[name] = counts with { Reloaded = counts.Reloaded + 1 };
                break;
            case OperationStepKind.Replaced:
                _services[name] = counts with { Replaced = counts.Replaced + 1 };
                break;
            default:
                AddFailure(name, failure!);
                break;
        }

        var (oldIncarnation, beganAt) = _slots[slot];
        var hasFailed = kind == OperationStepKind.Failed;
        return new OperationStep
        {
            Service = name,
            WorkerId = slot.WorkerId,
            Kind = kind,
            OldIncarnation = oldIncarnation,
            NewIncarnation = hasFailed ? null : slot.Incarnation,
            Duration = now - (beganAt ?? (hasFailed ? null : slot.Process?.TakenAt ?? slot.Process?.StartedAt) ?? now),
            Failure = failure,
        };
    }

    /// <summary>Removes a slot that will not have an outcome.</summary>
    public void Leave(Slot slot, bool isStopping)
    {
        IsCutShort |= isStopping;
        Remove(slot);
    }

    private void Remove(Slot slot)
    {
        slot.Operation = null;
        Pending--;
    }

    private void AddFailure(string service, string failure)
    {
        if (!_failures.TryGetValue(service, out var failures))
        {
            _failures.Add(service, failures = []);
        }

        failures.Add(failure);
    }
}
