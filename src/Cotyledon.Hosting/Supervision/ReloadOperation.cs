namespace Cotyledon.Hosting.Supervision;

/// <summary>One reload or rolling restart, from its request until the last worker concerned has an outcome.</summary>
internal sealed class ReloadOperation(int request, int lastSpawnBefore)
{
    private readonly Dictionary<string, ServiceReload> _services = [];
    private readonly Dictionary<string, List<string>> _failures = [];

    public int Request { get; } = request;

    /// <summary>Processes with a higher spawn number were started with the new configuration.</summary>
    public int LastSpawnBefore { get; } = lastSpawnBefore;

    /// <summary>How many slots have no outcome yet.</summary>
    public int Pending { get; private set; }

    public IReadOnlyList<ServiceReload> Services =>
        [.. _services.Values.Select(s => _failures.TryGetValue(s.Service, out var failures) ? s with { Failures = failures } : s)];

    public void Add(Slot slot)
    {
        slot.Operation = this;
        Pending++;
        _services.TryAdd(slot.Service.Name, new ServiceReload(slot.Service.Name, 0, 0, []));
    }

    public void Settle(Slot slot, Func<ServiceReload, ServiceReload> outcome)
    {
        slot.Operation = null;
        Pending--;
        _services[slot.Service.Name] = outcome(_services[slot.Service.Name]);
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
