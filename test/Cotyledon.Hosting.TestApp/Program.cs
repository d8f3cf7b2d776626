using System.Runtime.InteropServices;
using Cotyledon.Hosting.TestApp;
using Microsoft.AspNetCore.Http;

// The program that the process tests start. Its configuration is its script: command line, environment, and appsettings.json in its
// directory.
if (OperatingSystem.IsWindows())
{
    // Wine shows the name of the main thread in /proc/PID/comm, so that a test finds the process of this id.
    Thread.CurrentThread.Name = $"windows-{Environment.ProcessId}";
}

if (args is [Script.SleepArgument])
{
    Trace.Write("sleeping");
    Thread.Sleep(Timeout.Infinite);
}

Trace.Write(CotyledonHost.IsWorker ? "main-worker" : "main-master", detail: string.Join(' ', args));
if (CotyledonHost.IsWorker)
{
    Trace.Write("born", detail: Trace.StartOfThisProcess());
    Trace.Write("early-threads", detail: Trace.ThreadsOfThisProcess());
}

using var own = args.FirstOrDefault(a => a.StartsWith("--own-signal=", StringComparison.Ordinal)) is { } ownSignal
    ? PosixSignalRegistration.Create(Enum.Parse<PosixSignal>(ownSignal.Split('=')[1]), context =>
    {
        context.Cancel = true;
        Trace.Write("own-signal");
    })
    : null;
var exitCode = args.Contains("--return-7") ? 7 : 0;
switch (args.FirstOrDefault(a => a.StartsWith("--host=", StringComparison.Ordinal)))
{
    case "--host=web":
        var web = WebApplication.CreateSlimBuilder(args);
        Sources.Add(web.Configuration, web.Configuration);
        Register(web.Services, web.Configuration);
        await using (var app = web.Build())
        {
            app.MapCotyledon("/cotyledon").AllowAnonymous();
            app.MapGet("/", (RequestDelegate)(context => context.Response.WriteAsync($"{Environment.ProcessId}")));
            await app.RunAsync();
        }

        break;
    case "--host=pool":
        await WebPool.RunAsync(args, Register);
        break;
    case "--host=default":
        await Host.CreateDefaultBuilder(args)
            .ConfigureAppConfiguration((context, configuration) => Sources.Add(configuration, context.Configuration))
            .ConfigureServices((context, services) => Register(services, context.Configuration))
            .Build()
            .RunAsync();
        break;
    case "--host=several" when !CotyledonHost.IsWorker:
        await SeveralHosts.RunAsync(args, Register);
        break;
    case "--host=sequential":
        await SeveralHosts.RunInSequenceAsync(args, Register);
        break;
    default:
        var builder = Host.CreateApplicationBuilder(args);
        Sources.Add(builder.Configuration, builder.Configuration);
        Register(builder.Services, builder.Configuration);
        var host = builder.Build();
        if (args.Contains("--migrate"))
        {
            Trace.Write("migrating");
            await Task.Delay(Timeout.Infinite);
        }

        if (args.Contains("--shutdown-before-start"))
        {
            host.Services.GetRequiredService<ICotyledonManager>().Shutdown(5);
        }

        if (args.Contains("--short-stop") && !CotyledonHost.IsWorker)
        {
            await StopShortlyAsync(host);
            break;
        }

        if (args.Contains("--stop-failed-start"))
        {
            exitCode = await RunOrStopAsync(host);
            break;
        }

        await host.RunAsync();
        break;
}

Trace.Write(CotyledonHost.IsWorker ? "end-worker" : "end-master");
return exitCode;

static async Task StopShortlyAsync(IHost host)
{
    await host.StartAsync();
    while (!File.Exists("gate"))
    {
        await Task.Delay(10);
    }

    using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
    await host.StopAsync(limit.Token);

    // Longer than a fast stop by a signal would leave to the program.
    await Task.Delay(1000);
    Trace.Write("saved");
}

static async Task<int> RunOrStopAsync(IHost host)
{
    try
    {
        await host.StartAsync();
        await host.WaitForShutdownAsync();
        return 0;
    }
    catch (InvalidOperationException)
    {
        await host.StopAsync();
        return 9;
    }
    finally
    {
        Trace.Write("finally");
    }
}

static void Register(IServiceCollection services, IConfiguration configuration)
{
    AddServiceManagers(services, configuration, place: "first");
    services.AddLogging(logging => logging.AddSimpleConsole(console => console.SingleLine = true));
    services.AddSingleton<Script>();
    Sources.AddOptions(services);
    services.AddSingleton<IHostedService>(provider => new NeighbourService("before")
    {
        Hangs = configuration.GetValue<bool>("NeighbourHangs"),
        OnStart = () =>
        {
            if (configuration.GetValue<int?>("ShutdownAtStart") is { } code)
            {
                provider.GetRequiredService<ICotyledonManager>().Shutdown(code);
            }
        },
    });
    if (configuration.GetValue("Heavy", 2) is >= 0 and var heavy)
    {
        services.AddCotyledonWorker<HeavyService>(heavy, "heavy");
    }

    if (configuration.GetValue("Light", 1) is >= 0 and var light)
    {
        services.AddCotyledonWorker<LightService>(light, "light");
    }

    if (configuration.GetValue("Shaky", -1) is >= 0 and var shaky)
    {
        services.AddCotyledonWorker<HeavyService>(shaky, "shaky");
    }

    if (configuration.GetValue("Made", -1) is >= 0 and var made)
    {
        services.AddCotyledonWorker("made", made, provider => ActivatorUtilities.CreateInstance<LightService>(provider));
    }

    if (configuration.GetValue("Consumers", -1) is >= 0 and var consumers)
    {
        services.AddCotyledonQueue("work", WorkItemContext.Default.WorkItem);
        services.AddCotyledonNatsQueues();
        services.AddCotyledonWorker<ConsumerService>(consumers, "consumer");
        services.AddCotyledonWorker<ProducerService>(configuration.GetValue("Producers", 0), "producer");
        services.AddSingleton<QueueCommands>();
    }

    if (configuration["Cotyledon:Cluster:ConnectionString"] is not null)
    {
        services.AddCotyledonPostgresCluster();
    }

    if (configuration["Cotyledon:Cluster:Url"] is not null)
    {
        services.AddCotyledonNatsCluster();
    }

    if (configuration.GetValue<int?>("Endless") is { } endless)
    {
        services.AddCotyledonWorker<EndlessService>(endless, "endless");
    }

    if (configuration.GetValue("Telemetry", false))
    {
        Telemetry.Register(services);
    }

    if (configuration["Log"] is { } mode)
    {
        services.AddLogFile(configuration, mode);
        services.AddCotyledonWorker<WriterService>(configuration.GetValue("Writers", 1), "writer");
    }

    services.KeepHostedServiceInWorkers<ObserverService>();
    services.AddCotyledonHooks<Hooks>();
    services.AddCotyledonHooks<OtherHooks>();
    if (configuration.GetValue("ReplacementHooks", false))
    {
        services.AddCotyledonHooks<ReplacementHooks>();
    }

    services.AddHostedService<ObserverService>();
    services.AddHostedService<ControlService>();
    if (configuration.GetValue("ConsoleLifetime", false))
    {
        // As UseConsoleLifetime and RunConsoleAsync do.
        services.AddSingleton<IHostLifetime, Microsoft.Extensions.Hosting.Internal.ConsoleLifetime>();
    }

    if (configuration["ThrowingLog"] is { } file)
    {
        services.AddLogging(logging => logging.AddProvider(new ThrowingLog(file)));
    }

    services.AddSingleton<IHostedService>(_ => new NeighbourService("after", configuration["NeighbourGate"])
    {
        IgnoresStop = configuration.GetValue("NeighbourIgnoresStop", false),
        Throws = configuration["NeighbourThrows"],
    });
    AddServiceManagers(services, configuration, place: "last");
    if (CotyledonHost.IsWorker && configuration.GetValue("WorkerHostDelay", 0) is > 0 and var delay)
    {
        Thread.Sleep(delay);
    }

    // From the command line it applies to all workers, from the file to those that are started after the edit.
    if (CotyledonHost.IsWorker && configuration.GetValue("WorkerHostFails", false))
    {
        throw new InvalidOperationException("the worker's host, as scripted");
    }
}

// For programs that run as a service. The order of the calls must not matter.
static void AddServiceManagers(IServiceCollection services, IConfiguration configuration, string place)
{
    if (configuration["ServiceManagers"] == place)
    {
        services.AddSystemd();
        services.AddWindowsService();
        Trace.Write("service-managers", detail: $"{services.LastOrDefault(d => d.ServiceType == typeof(IHostLifetime))?.ImplementationType?.Name}");
    }
}
