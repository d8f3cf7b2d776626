using System.Diagnostics;
using System.Globalization;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

/// <summary>One run of a system in its own directory, from the start of its master until all its processes are gone.</summary>
internal sealed class MeasuredRun : IDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Detaches the standard streams, and restores signals that a caller such as nohup ignores.</summary>
    private const string Launcher = "exec env --default-signal=HUP,INT,QUIT \"$@\" </dev/null >log 2>&1";

    private readonly HashSet<int> _known = [];
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("cotyledon-bench-");
    private readonly string _reports;
    private readonly Process _master;

    public MeasuredRun(MeasuredSystem system, int workers, params (string Name, string Value)[] environment)
    {
        _reports = PathOf("reports");
        Watch = new Watch(_reports);
        var start = new ProcessStartInfo("/bin/sh", ["-c", Launcher, "sh", .. system.Command])
        {
            WorkingDirectory = _directory.FullName,
        };
        start.Environment["BENCH_SOCK"] = _reports;
        start.Environment["WORKERS"] = workers.ToString(CultureInfo.InvariantCulture);
        start.Environment["PM2_HOME"] = PathOf("pm2");
        system.Environment.ToList().ForEach(variable => start.Environment[variable.Key] = variable.Value);
        environment.ToList().ForEach(variable => start.Environment[variable.Name] = variable.Value);
        StartedAt = Watch.Now;
        _master = Process.Start(start)!;
        Watch.Add(_master.Id);
    }

    public TimeSpan StartedAt { get; }

    public Watch Watch { get; }

    public int Master => _master.Id;

    public string PathOf(string name) => Path.Combine(_directory.FullName, name);

    /// <summary>The master and all its descendants.</summary>
    public IReadOnlyList<int> Processes() => ProcFile.TreeOf(Master);

    /// <summary>The workers that have reported and still exist.</summary>
    public IReadOnlyList<int> Workers() => [.. Processes().Where(_known.Contains)];

    public void Signal(int processId, int signal) => _ = Libc.Kill(processId, signal);

    /// <summary>Waits until this many new workers are ready.</summary>
    public IReadOnlyList<ObservedEvent.Reported> WaitForReady(int count)
    {
        var ready = new List<ObservedEvent.Reported>();
        while (ready.Count < count)
        {
            if (NextOrFail($"{ready.Count} of {count} are ready") is ObservedEvent.Reported report && IsNewWorker(report))
            {
                ready.Add(report);
            }
        }

        return ready;
    }

    /// <summary>Waits until this many workers have reported a reload.</summary>
    public void WaitForReloaded(int count)
    {
        var reloaded = new HashSet<int>();
        while (reloaded.Count < count)
        {
            if (NextOrFail($"{reloaded.Count} of {count} have reloaded") is ObservedEvent.Reported { Word: "reloaded" } report)
            {
                reloaded.Add(report.ProcessId);
            }
        }
    }

    /// <summary>Waits for a reported number.</summary>
    public double WaitFor(string word)
    {
        while (true)
        {
            if (NextOrFail($"no {word}") is ObservedEvent.Reported report && report.Word == word)
            {
                return double.Parse(report.Detail, CultureInfo.InvariantCulture);
            }
        }
    }

    /// <summary>Waits for the exit of the master, and returns its time.</summary>
    public TimeSpan WaitForExit()
    {
        while (true)
        {
            if (Watch.Next(Watch.Now + Limit) is not { } next)
            {
                throw Failure("the master does not exit");
            }
            else if (next is ObservedEvent.Exited exit && exit.ProcessId == Master)
            {
                return exit.Time;
            }
        }
    }

    /// <summary>Returns whether a report is the first "ready" of a new worker.</summary>
    public bool IsNewWorker(ObservedEvent.Reported report) => report.Word == "ready" && _known.Add(report.ProcessId);

    /// <summary>Returns the next event. Fails if none arrives in time, or if the master exits.</summary>
    public ObservedEvent NextOrFail(string soFar) => Watch.Next(Watch.Now + Limit) switch
    {
        null => throw Failure($"no further event; {soFar}"),
        ObservedEvent.Exited exit when exit.ProcessId == Master => throw Failure($"the master has exited; {soFar}"),
        var observed => observed,
    };

    public void Dispose()
    {
        // Finds processes by descent and by environment: programs that set their title may have overwritten their environment.
        if (!_master.HasExited)
        {
            Processes().ToList().ForEach(process => Signal(process, Libc.SignalKill));
        }

        var deadline = Watch.Now + TimeSpan.FromSeconds(5);
        while (ProcFile.ProcessesWith($"BENCH_SOCK={_reports}") is { Count: > 0 } left && Watch.Now < deadline)
        {
            left.ToList().ForEach(process => Signal(process, Libc.SignalKill));
            Thread.Sleep(10);
        }

        _master.WaitForExit();
        _master.Dispose();
        Watch.Dispose();
        _directory.Delete(recursive: true);
    }

    private MeasurementException Failure(string message) =>
        new($"{message}. {string.Join(' ', File.ReadLines(PathOf("log")).TakeLast(5))}");
}
