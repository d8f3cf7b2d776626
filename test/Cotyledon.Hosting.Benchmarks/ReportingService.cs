using System.Globalization;

namespace Cotyledon.Hosting.Benchmarks;

/// <summary>Sends one datagram when it is ready, and one for each reload: <c>ready ID PID</c>, <c>reloaded ID PID</c>.</summary>
internal sealed class ReportingService(IWorkerContext worker) : CotyledonService
{
    public override Task ReloadAsync(CancellationToken cancellationToken)
    {
        Send("reloaded");
        return Task.CompletedTask;
    }

    protected override Task RunAsync(CancellationToken cancellationToken)
    {
        Send("ready");
        return Task.Delay(Timeout.Infinite, cancellationToken);
    }

    private void Send(string word) => Report.Send(word, worker.WorkerId.ToString(CultureInfo.InvariantCulture));
}
