namespace Cotyledon.Hosting.Supervision;

/// <summary>One reload or rolling restart, from its request until the last worker concerned has an outcome.</summary>
internal sealed class ReloadOperation(int request, int lastSpawnBefore)
{
    private readonly Dictionary<string, ServiceReload> _services = [];

    public int Request { get; } = request;

    /// <summary>Processes with a higher spawn number were started with the new configuration.</summary>
    public int LastSpawnBefore { get; } = lastSpawnBefore;

    /// <summary>How many slots have no outcome yet.</summary>
    public int Pending { get; private set; }

    public IReadOnlyList<ServiceReload> Services => [.. _services.Values];

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
}
