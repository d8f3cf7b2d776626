using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Control;

/// <summary>Requests that read the state.</summary>
internal static class ControlQueries
{
    private const int MaxExits = 64;

    public static async Task<byte[]> StatusAsync(ControlCall call)
    {
        var usage = call.Request.Usage == true ? await call.Manager.MeasureAsync(call.Cancelled).ConfigureAwait(false) : [];
        var byProcess = usage.Where(u => u.Service is not null).GroupBy(u => u.ProcessId).ToDictionary(g => g.Key, g => g.First().ToObject());
        var status = new StatusObject
        {
            Overview = call.Manager.GetOverview().ToObject(usage.FirstOrDefault(u => u.Service is null)?.ToObject()),
            Services = [.. call.Manager.GetStatus().Select(service => service.ToObject(byProcess))],
            Operations = [.. call.Manager.GetOperations().Where(o => o.CompletedAt is null).Select(o => o.ToObject())],
            Queues = call.Request.Queues == true ? await ControlQueues.DepthsAsync(call).ConfigureAwait(false) : null,
        };
        return call.Result(status);
    }

    public static byte[] Exits(ControlCall call)
    {
        var service = call.Request.Service is null ? null : call.Service().Name;
        var exits = call.Manager.GetExits(MaxExits)
            .Where(e => (service is null || e.Service == service) && (call.Request.Worker is not { } worker || e.WorkerId == worker))
            .Take(Math.Clamp(call.Request.Max ?? MaxExits, 0, MaxExits));
        return call.Result(new ExitsObject([.. exits.Select(e => e.ToObject())]));
    }

    public static byte[] Operations(ControlCall call) => call.Result(
        new OperationsObject([.. call.Manager.GetOperations().Select(o => o.ToObject())]));
}
