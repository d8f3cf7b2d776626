using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.TestApp;

/// <summary>A service with a script for each point of its life cycle.</summary>
internal sealed class HeavyService : CotyledonService
{
    private readonly IWorkerContext _worker;
    private readonly Script _script;
    private readonly IConfiguration _configuration;

    public HeavyService(IWorkerContext worker, Script script, IConfiguration configuration, IOptionsMonitor<Sources.Limits> limits)
    {
        (_worker, _script, _configuration) = (worker, script, configuration);
        SlotLock.Take(worker, configuration);
        Trace.Write("init", worker, Sources.Seen(_configuration));
        worker.WorkerCountChanged += count => Trace.Write("count", worker, $"{count}");
        limits.OnChange(_ => Trace.Write("changed", worker, Sources.Seen(configuration)));
        script.PlayAsync("Constructor", worker).GetAwaiter().GetResult();
    }

    public override async Task ReloadAsync(CancellationToken cancellationToken)
    {
        Trace.Write("reload", _worker, Sources.Seen(_configuration));
        await _script.PlayAsync("Reload", _worker, ct: cancellationToken).ConfigureAwait(false);
        Trace.Write("reloaded", _worker);
    }

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        Trace.Write("run", _worker);
        await _script.PlayAsync("Run", _worker, otherwise: "wait", cancellationToken).ConfigureAwait(false);
        Trace.Write("ran", _worker);
    }

    protected override async Task TerminateAsync(CancellationToken cancellationToken)
    {
        Trace.Write("terminate", _worker);
        await _script.PlayAsync("Terminate", _worker, ct: cancellationToken).ConfigureAwait(false);
        Trace.Write("terminated", _worker);
    }
}
