using System.Globalization;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Cotyledon.Hosting.TestApp;

/// <summary>A web application in worker processes.</summary>
internal static class WebPool
{
    public static async Task RunAsync(string[] args, Action<IServiceCollection, IConfiguration> register)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.AddCotyledonWeb(workers: 2);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddMemoryCache();
        Sources.Add(builder.Configuration, builder.Configuration);
        register(builder.Services, builder.Configuration);
        if (builder.Configuration.GetValue("Systemd", false))
        {
            builder.WebHost.UseKestrel(kestrel => kestrel.UseSystemd());
        }

        builder.Services.AddHostedService<WebTrace>();
        builder.Services.KeepHostedServiceInWorkers<WebTrace>();
        await using var app = builder.Build();
        if (builder.Configuration.GetValue("Page", false) && !CotyledonHost.IsWorker)
        {
            app.MapCotyledon("/cotyledon").AllowAnonymous();
        }

        Map(app, "/who", context => context.Response.WriteAsync(Who()));
        Map(app, "/slow", async context =>
        {
            Trace.Write("slow");
            await Task.Delay(int.Parse(context.Request.Query["ms"].ToString(), CultureInfo.InvariantCulture));
            await context.Response.WriteAsync(Who());
        });
        Map(app, "/block", context =>
        {
            new Thread(BlockPool) { IsBackground = true }.Start();
            return context.Response.WriteAsync(Who());
        });
        app.MapPost("/", (RequestDelegate)(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            context.Response.ContentLength = body.Length;
            await context.Response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), context.RequestAborted);
        }));
        await app.RunAsync();
    }

    /// <summary>Waits for the file <c>gate</c>, blocks all threads of the pool for ever, and traces that they are blocked.</summary>
    private static void BlockPool()
    {
        while (!File.Exists("gate"))
        {
            Thread.Sleep(10);
        }

        var blocked = 0;
        ThreadPool.SetMaxThreads(Environment.ProcessorCount, Environment.ProcessorCount);
        for (var i = 0; i < 1000; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    Interlocked.Increment(ref blocked);
                    Thread.Sleep(Timeout.Infinite);
                },
                null);
        }

        while (Volatile.Read(ref blocked) < Environment.ProcessorCount)
        {
            Thread.Sleep(10);
        }

        Trace.Write("pool-blocked");
    }

    private static void Map(WebApplication app, string path, RequestDelegate handler) => app.MapGet(path, handler);

    /// <summary>Traces the stop of a worker of the web application, as the other services trace theirs.</summary>
    private sealed class WebTrace : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            if (CotyledonHost.CurrentWorker is { ServiceName: "Web" } worker)
            {
                Trace.Write("stop", worker.ServiceName, worker.WorkerId, worker.Incarnation);
            }

            return Task.CompletedTask;
        }
    }

    private static string Who() => string.Create(
        CultureInfo.InvariantCulture,
        $"{CotyledonHost.CurrentWorker?.WorkerId ?? -1} {Environment.ProcessId}");
}
