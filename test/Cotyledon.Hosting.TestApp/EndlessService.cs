namespace Cotyledon.Hosting.TestApp;

/// <summary>Blocks a thread for ever, ignores its token, and does not override TerminateAsync.</summary>
internal sealed class EndlessService(IWorkerContext worker) : CotyledonService
{
    protected override Task RunAsync(CancellationToken cancellationToken)
    {
        Trace.Write("run", worker);
        while (true)
        {
            Thread.Sleep(1000);
        }
    }
}
