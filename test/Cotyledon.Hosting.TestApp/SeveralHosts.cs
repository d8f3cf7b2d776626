namespace Cotyledon.Hosting.TestApp;

/// <summary>A program with more than one host.</summary>
internal static class SeveralHosts
{
    /// <summary>Runs one host, and another one when it has stopped, in master and workers.</summary>
    public static async Task RunInSequenceAsync(string[] args, Action<IServiceCollection, IConfiguration> register)
    {
        await Build(args, register).RunAsync();
        await Build(args, register).RunAsync();
    }

    /// <summary>Runs one host, a second one at the same time, a third one with in-process workers, and a last one after them.</summary>
    public static async Task RunAsync(string[] args, Action<IServiceCollection, IConfiguration> register)
    {
        using (var first = Build(args, register))
        {
            await first.StartAsync();
            using (var second = Build(args, register))
            {
                try
                {
                    await second.StartAsync();
                    Trace.Write("second-started");
                }
                catch (InvalidOperationException e)
                {
                    Trace.Write("second-refused", detail: e.Message);
                }
            }

            using (var third = Build([.. args, "--Cotyledon:Mode=InProcess"], services => services.AddCotyledonWorker<Inside>()))
            {
                await third.StartAsync();
                Trace.Write("third-started");
                await third.StopAsync();
            }

            Trace.Write("only-first-left");
            await first.WaitForShutdownAsync();
        }

        using var last = Build(args, register);
        await last.StartAsync();
        Trace.Write("last-started");
        await last.WaitForShutdownAsync();
    }

    private static IHost Build(string[] args, Action<IServiceCollection, IConfiguration> register)
    {
        var builder = Host.CreateApplicationBuilder(args);
        register(builder.Services, builder.Configuration);
        return builder.Build();
    }

    private static IHost Build(string[] args, Action<IServiceCollection> register) => Build(args, (services, _) => register(services));

    private sealed class Inside : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.CompletedTask;
    }
}
