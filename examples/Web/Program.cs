using Cotyledon.Hosting;

var builder = WebApplication.CreateBuilder(args);
builder.AddCotyledonWeb(workers: 4);
builder.Services.AddHealthChecks().AddCotyledon();
var app = builder.Build();

// Without a limit, the runtime adds a thread twice per second, so that a blocked pool is slow instead of stuck.
var threads = Math.Max(8, Environment.ProcessorCount);
ThreadPool.SetMaxThreads(threads, threads);

app.MapGet("/", () => Who());

// Each call keeps 20 MB. MaxMemory in appsettings.json replaces the worker before the machine runs out of memory.
app.MapGet("/leak", () =>
{
    Leak.Grow(20);
    return Who();
});

// Ends the process as a crash of native code does. Only the requests of this worker fail.
app.MapGet("/crash", string () =>
{
    Environment.FailFast("crash");
    return "";
});

// Blocks all threads of the pool. LivenessTimeout in appsettings.json replaces the worker, by force if it does not stop.
app.MapGet("/block", () =>
{
    for (var i = 0; i < 1000; i++)
    {
        ThreadPool.UnsafeQueueUserWorkItem(_ => Thread.Sleep(Timeout.Infinite), null);
    }

    return Who();
});

// Served by the master, on the endpoint Management. Workers serve the endpoint Public.
if (!CotyledonHost.IsWorker)
{
    app.MapHealthChecks("/health");
    app.MapCotyledon("/cotyledon");
}

app.Run();

static string Who() =>
    CotyledonHost.CurrentWorker is { } worker ? $"worker {worker.WorkerId}, process {Environment.ProcessId}\n" : "the master\n";

internal static class Leak
{
    private static readonly List<byte[]> Kept = [];

    public static void Grow(int megabytes)
    {
        var bytes = new byte[megabytes * 1024 * 1024];
        Random.Shared.NextBytes(bytes);
        lock (Kept)
        {
            Kept.Add(bytes);
        }
    }
}
