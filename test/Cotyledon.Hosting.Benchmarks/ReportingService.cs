using System.Globalization;

namespace Cotyledon.Hosting.Benchmarks;

/// <summary>Says by one datagram that it works, and one for each reload: <c>ready ID PID</c>, <c>reloaded ID PID</c>.</summary>
internal sealed class ReportingService(IWorkerContext worker) : CotyledonService
{
    public override Task ReloadAsync(CancellationToken cancellationToken)
    {
        Say("reloaded");
        return Task.CompletedTask;
    }

    protected override Task RunAsync(CancellationToken cancellationToken)
    {
        Say("ready");
        return Task.Delay(Timeout.Infinite, cancellationToken);
    }

    private void Say(string word) => Report.Send(word, worker.WorkerId.ToString(CultureInfo.InvariantCulture));
}
