namespace Cotyledon.Hosting.TestApp;

/// <summary>A service with the whole life cycle, each point of it scripted.</summary>
internal sealed class HeavyService : CotyledonService
{
    private readonly IWorkerContext _worker;
    private readonly Script _script;

    public HeavyService(IWorkerContext worker, Script script)
    {
        (_worker, _script) = (worker, script);
        Trace.Write("init", worker);
        worker.WorkerCountChanged += count => Trace.Write("count", worker, $"{count}");
        script.PlayAsync("Constructor", worker).GetAwaiter().GetResult();
    }

    protected override async Task RunAsync(CancellationToken stopping)
    {
        Trace.Write("run", _worker);
        await _script.PlayAsync("Run", _worker, otherwise: "wait", stopping).ConfigureAwait(false);
        Trace.Write("ran", _worker);
    }

    protected override async Task TerminateAsync(CancellationToken deadline)
    {
        Trace.Write("terminate", _worker);
        await _script.PlayAsync("Terminate", _worker, ct: deadline).ConfigureAwait(false);
        Trace.Write("terminated", _worker);
    }
}
