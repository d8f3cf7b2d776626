using System.Globalization;
using Cotyledon.Hosting.Extensibility;
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

        await using var app = builder.Build();
        Map(app, "/who", context => context.Response.WriteAsync(Who()));
        Map(app, "/slow", async context =>
        {
            await Task.Delay(int.Parse(context.Request.Query["ms"].ToString(), CultureInfo.InvariantCulture));
            await context.Response.WriteAsync(Who());
        });
        Map(app, "/block", async context =>
        {
            await context.Response.WriteAsync(Who());
            await context.Response.CompleteAsync();
            for (var i = 0; i < 1000; i++)
            {
                ThreadPool.UnsafeQueueUserWorkItem(_ => Thread.Sleep(TimeSpan.FromMinutes(1)), null);
            }
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

    private static void Map(WebApplication app, string path, RequestDelegate handler) => app.MapGet(path, handler);

    private static string Who() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(WorkerProcess.TryGetIdentity(out _, out var worker, out _) ? worker : -1)} {Environment.ProcessId}");
}
