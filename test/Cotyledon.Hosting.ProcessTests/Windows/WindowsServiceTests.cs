using System.Diagnostics;
using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests.Windows;

/// <summary>A program that is a Windows service, started by the service manager of Wine.</summary>
[Category("Windows")]
public class WindowsServiceTests
{
    private const int MaxRounds = 3;

    // A service manager may keep the name of a deleted service for a while, so each case and round has its own.
    [TestCase("CotyledonStopped", "delay:1", "Stopped code=0 ", 0)]
    [TestCase("CotyledonLate", "hang", "StopTimeout code=1 ", 1)]
    public async Task Service_starts_and_stops_with_the_exit_code_of_the_master(string service, string terminate, string worker, int exitCode)
    {
        for (var round = 1; await HasRuntimeCrashedAsync($"{service}{round}", terminate, worker, exitCode); round++)
        {
            Assert.That(round, Is.LessThan(MaxRounds));
        }
    }

    /// <summary>
    /// Runs a service, and checks its end. Under Wine 8, the runtime of a process crashes in about one of thirty runs ("Internal CLR error"). The
    /// master reports that end of a worker. The service manager of Wine does not detect that end of the master.
    /// </summary>
    /// <returns>Whether the runtime has crashed, so that nothing was checked.</returns>
    private static async Task<bool> HasRuntimeCrashedAsync(string service, string terminate, string worker, int exitCode)
    {
        using var directory = new TemporaryDirectory();
        var traceFile = Path.Combine(directory.Path, "trace");
        var trace = new TraceFile(traceFile);
        await File.WriteAllTextAsync(traceFile, "");
        Run("create", service, "binPath=", $"\"{OnWindows(Wine.Executable!)}\" --ServiceManagers first --trace={OnWindows(traceFile)} --Heavy 1 "
            + $"--Light -1 --Script:heavy:Terminate {terminate} --Cotyledon:GracefulShutdownTimeout 00:00:01");
        try
        {
            Run("start", service);
            await UntilAsync(() => trace.Read().Any(t => t.IsEvent("Ready")), trace);
            var master = trace.Read().Single(t => t.Is("main-master")).ProcessId;
            Run("stop", service);
            await UntilAsync(() => IsStopped(service, directory) || !Wine.Exists(master), trace);

            // The state is read again, because a master that stops normally sets it before it exits.
            if (!IsStopped(service, directory)
                || trace.Read().Any(t => t.Is("hook-dead") && t.Detail.Contains("Internal CLR error", StringComparison.Ordinal)))
            {
                return true;
            }

            Assert.That(
                Status(service, directory),
                Does.Match(string.Create(CultureInfo.InvariantCulture, $@"WIN32_EXIT_CODE\s*: {exitCode}\b")),
                () => string.Join('\n', trace.Read()));
            Assert.That(trace.Read().Single(t => t.Is("hook-dead")).Detail, Does.StartWith(worker));
            var processes = trace.Read().Select(t => t.ProcessId).Distinct().ToList();
            await UntilAsync(() => processes.TrueForAll(id => !Wine.Exists(id)), trace);
            return false;
        }
        finally
        {
            // The service manager may still be busy with the end of the process, and then refuses.
            await UntilAsync(() => Wine.Run("sc", "delete", service) == 0, trace);
        }
    }

    private static void Run(params string[] command) =>
        Assert.That(Wine.Run(["sc", .. command]), Is.Zero, $"sc {string.Join(' ', command)}");

    private static bool IsStopped(string service, TemporaryDirectory directory) =>
        Status(service, directory).Contains("STOPPED", StringComparison.Ordinal);

    private static string Status(string service, TemporaryDirectory directory)
    {
        var output = Path.Combine(directory.Path, "status");
        Wine.Run(["cmd", "/c", $"sc query {service} > {OnWindows(output)}"]);
        return File.ReadAllText(output);
    }

    private static string OnWindows(string path) => "Z:" + path.Replace('/', '\\');

    private static async Task UntilAsync(Func<bool> condition, TraceFile trace)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.That(watch.Elapsed, Is.LessThan(TestProgram.Limit), () => string.Join(
                Environment.NewLine, trace.Read().Select(line => $"{(Wine.Exists(line.ProcessId) ? "running" : "gone   ")} {line}")));
            await Task.Delay(50);
        }
    }
}
