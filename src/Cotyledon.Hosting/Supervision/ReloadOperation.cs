namespace Cotyledon.Hosting.Supervision;

/// <summary>One reload or rolling restart, from its request until the last worker concerned has an outcome.</summary>
/// <param name="request">Its number, for the answer.</param>
/// <param name="lastSpawnBefore">Processes with a higher spawn number were started since.</param>
internal sealed class ReloadOperation(int request, int lastSpawnBefore)
{
    private readonly Dictionary<string, ServiceReload> _services = [];
    private readonly Dictionary<string, List<string>> _failures = [];

    public int Request { get; } = request;

    /// <summary>How many slots have no outcome yet.</summary>
    public int Pending { get; private set; }

    /// <summary>Whether the end of the program came before all workers had an outcome.</summary>
    public bool IsCutShort { get; private set; }

    public IReadOnlyList<ServiceReload> Services =>
        [.. _services.Values.Select(s => _failures.TryGetValue(s.Service, out var failures) ? s with { Failures = failures } : s)];

    /// <summary>
    /// Whether the process is none of those that the reload concerns, and takes the place of one: started since, or a spare that
    /// the reload has left as it was.
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

    /// <summary>The slot has no outcome and gets none any more.</summary>
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
