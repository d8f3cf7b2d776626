namespace Cotyledon.Hosting.Supervision;

/// <summary>A reload or rolling restart, from the request until the last affected worker is done.</summary>
/// <param name="request">The number of the request, for the answer.</param>
/// <param name="lastSpawnBefore">The last spawn number before the request. Processes with a higher number were started after it.</param>
internal sealed class ReloadOperation(int request, int lastSpawnBefore)
{
    private readonly Dictionary<string, ServiceReload> _services = [];
    private readonly Dictionary<string, List<string>> _failures = [];

    public int Request { get; } = request;

    /// <summary>The number of slots without an outcome.</summary>
    public int Pending { get; private set; }

    /// <summary>Whether the program stops before all workers have an outcome.</summary>
    public bool IsCutShort { get; private set; }

    public IReadOnlyList<ServiceReload> Services =>
        [.. _services.Values.Select(s => _failures.TryGetValue(s.Service, out var failures) ? s with { Failures = failures } : s)];

    /// <summary>
    /// Whether the process replaces a worker of this reload: it was started after the request, or was a spare that a slot has taken
    /// during the reload.
    /// </summary>
    public bool IsNew(WorkerProcess process) => process.Spawn > lastSpawnBefore || process.TakenDuring == this;

    public void Add(Slot slot)
    {
        slot.Operation = this;
        Pending++;
        _services.TryAdd(slot.Service.Name, new ServiceReload { Service = slot.Service.Name });
    }

    public void Settle(Slot slot, Func<ServiceReload, ServiceReload> outcome)
    {
        slot.Operation = null;
        Pending--;
        _services[slot.Service.Name] = outcome(_services[slot.Service.Name]);
    }

    /// <summary>Removes a slot that will not have an outcome.</summary>
    public void Leave(Slot slot, bool isStopping)
    {
        IsCutShort |= isStopping;
        Settle(slot, s => s);
    }

    public void Fail(Slot slot, string failure)
    {
        Settle(slot, s => s);
        if (!_failures.TryGetValue(slot.Service.Name, out var failures))
        {
            _failures.Add(slot.Service.Name, failures = []);
        }

        failures.Add(failure);
    }
}
