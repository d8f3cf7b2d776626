using Cotyledon.Hosting.Tests.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Tests.InProcess;

/// <summary>A complete program in the test host process, with a service that records its calls.</summary>
internal sealed class InProcessProgram : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly IHost _host;

    private InProcessProgram(IHost host) => _host = host;

    public Record Record => Get<Record>();

    public TestLogger Log => Get<TestLogger>();

    public ICotyledonManager Manager => Get<ICotyledonManager>();

    public IReadOnlyList<WorkerStatus> Workers => Manager.GetStatus()[0].Workers;

    public static async Task<InProcessProgram> StartAsync(
        Source? source = null,
        Action<CotyledonWorkerOptions>? configure = null,
        Record? record = null,
        int workers = 2,
        Action<IServiceCollection>? register = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        ((IConfigurationBuilder)builder.Configuration).Add(source ?? new Source());
        var log = new TestLogger();
        builder.Services.AddSingleton<ILoggerFactory>(log);
        builder.Services.AddSingleton(log);
        builder.Services.AddSingleton(record ?? new Record());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddCotyledonWorker<RecordingService>(workers, "poller").Configure(configure ?? (_ => { }));
        register?.Invoke(builder.Services);
        var program = new InProcessProgram(builder.Build());
        await program._host.StartAsync();
        return program;
    }

    public T Get<T>() where T : notnull => _host.Services.GetRequiredService<T>();

    public Task StartAgainAsync() => _host.StartAsync();

    public Task StopAsync(CancellationToken ct = default) => _host.StopAsync(ct);

    public Task UntilReadyAsync(int workers = 2) => UntilAsync(() => Manager.GetStatus()[0].Ready == workers);

    public async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!condition())
        {
            if (limit.IsCancellationRequested)
            {
                Assert.Fail($"Not within {Limit}. {string.Join("; ", Record.Lines)}. {string.Join("; ", Log.Lines)}");
            }

            await Task.Delay(5, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    /// <summary>The console lifetime would handle signals that are meant for the test host.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
