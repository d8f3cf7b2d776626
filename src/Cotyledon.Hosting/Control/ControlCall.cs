using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Control;

/// <summary>One request while it is handled.</summary>
/// <param name="Host">The parts of the master.</param>
/// <param name="Peer">The program that has sent it.</param>
/// <param name="Request">Its fields.</param>
/// <param name="Output">Where answers go.</param>
/// <param name="Cancelled">Ends the wait when the connection is closed or the request is cancelled.</param>
internal sealed record ControlCall(
    ControlHost Host, ControlPeer Peer, ControlRequest Request, IControlOutput Output, CancellationToken Cancelled)
{
    public ICotyledonManager Manager => Host.Manager;

    public byte[] Result(IControlObject result) => ControlLines.Result(Request.Id, result);

    /// <summary>Sends progress without waiting for a slow reader.</summary>
    public void Send(IControlObject progress) => Output.Send(ControlLines.Progress(Request.Id, progress));

    /// <summary>Sends progress. Waits while the reader is slow.</summary>
    public ValueTask ReportAsync(IControlObject progress)
    {
        Send(progress);
        return Output.WaitForRoomAsync(Cancelled);
    }

    /// <summary>Returns the service that the request names.</summary>
    /// <exception cref="ControlError">It names none, or it is not registered.</exception>
    public ServiceStatus Service()
    {
        var name = Request.Service ?? throw ControlError.Usage($"'{Request.Do}' needs the field service.");
        var all = Manager.GetStatus();
        return all.FirstOrDefault(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw ControlError.NotFound(
            $"No service '{name}' is registered. Registered services: {string.Join(", ", all.Select(s => s.Name))}.");
    }

    /// <summary>Returns the worker that the request names.</summary>
    /// <exception cref="ControlError">It names none, or it does not exist.</exception>
    public WorkerStatus Worker(ServiceStatus service)
    {
        var id = Request.Worker ?? throw ControlError.Usage($"'{Request.Do}' needs the field worker.");
        return service.Workers.FirstOrDefault(w => w.WorkerId == id)
            ?? throw ControlError.NotFound($"{service.Name} has no worker {id}; it has {service.Workers.Count} workers.");
    }
}
