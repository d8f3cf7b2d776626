using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>One master from its start to its exit, the faults that the driver can cause, and its notes.</summary>
internal sealed class MasterRun : IAsyncDisposable
{
    private static readonly TimeSpan PulseDelay = TimeSpan.FromMilliseconds(300);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _pulse;
    private int _lastQuestion;
    private int _lastAnswered;

    private readonly Viewers? _viewers;

    private MasterRun(TestProgram program, WantedFile file, int spares, bool isWatched, string executable, ChaosLog notes)
    {
        (Program, Wanted, Spares, Notes) = (program, file, spares, notes);
        Settings = new Settings(program.Directory);
        Lasting = new LastingFaults(this, executable);
        NoteTargets();
        _pulse = PulseAsync(_ending.Token);
        _viewers = isWatched ? new Viewers(this) : null;
    }

    public TestProgram Program { get; }

    /// <summary>The content of the last valid edit.</summary>
    public WantedFile Wanted { get; }

    /// <summary>The number of spare workers.</summary>
    public int Spares { get; }

    public Settings Settings { get; }

    public LastingFaults Lasting { get; }

    public ChaosLog Notes { get; }

    public int MasterId => Program.ProcessId;

    /// <summary>The time of the last valid edit.</summary>
    public TimeSpan LastEdit { get; private set; } = ChaosLog.Now;

    public bool HasEnded { get; private set; }

    /// <summary>Whether the run cannot continue because an expected state was not reached.</summary>
    public bool HasFailed { get; set; }

    public bool IsMasterAlive => Linux.StateOf(MasterId) is not ("" or "Z");

    /// <summary>Whether the master has started to read commands.</summary>
    public bool IsListening => Program.Trace.Any(l => l.Is("control"));

    /// <summary>The last report of the master.</summary>
    public Report LastReport { get; private set; } = Report.None;

    public History History => new([.. Program.Trace, .. Notes.Lines], Terms.OfChaos);

    public static MasterRun Start(string executable, WantedFile file, int spares, bool isWatched, ChaosLog notes)
    {
        string[] arguments =
        [
            "--Locks", "true",
            "--Heavy", "1", "--Light", "1", "--Shaky", "1",
            "--Cotyledon:SpareWorkers", spares.ToString(CultureInfo.InvariantCulture),
            "--Sources", "extra,polled",
            "--ThrowingLog", LastingFaults.BrokenLogFile,
            .. isWatched ? Viewers.Arguments : [],
        ];
        var program = TestProgram.StartAs(
            executable,
            start =>
            {
                // The README recommends this under a limit of processes, which is one of the faults.
                start.Environment["DOTNET_TC_BackgroundWorkerTimeoutMs"] = "ffffffff";
                WriteAll(file, start.WorkingDirectory, Write);
            },
            arguments);
        return new MasterRun(program, file, spares, isWatched, executable, notes);
    }

    public void Signal(int processId, int signal)
    {
        var now = ChaosLog.Now;
        if (processId > 0 && Linux.TrySend(processId, signal))
        {
            Notes.Add("do-signal", processId, detail: $"{signal}", at: now);
        }
    }

    /// <summary>Sends a command to the master if it still runs.</summary>
    public void Say(string line)
    {
        try
        {
            lock (_gate)
            {
                Program.Command(line);
            }
        }
        catch (IOException)
        {
            // The master has exited; other checks notice that.
        }
    }

    /// <summary>Requests a report, which the master writes into the trace.</summary>
    public string Ask()
    {
        var question = Interlocked.Increment(ref _lastQuestion).ToString(CultureInfo.InvariantCulture);
        Notes.Add("do-ask", detail: question);
        Say($"report {question}");
        return question;
    }

    public async Task<Report?> AskAndWaitAsync()
    {
        var question = Ask();
        Report? report = null;
        await WaitAsync(() => (report = Report.Find(Program.Trace, question)) is not null, Terms.OfChaos.AnswerLimit);
        return report;
    }

    /// <summary>Waits for the condition and returns whether it became true within the limit.</summary>
    public static async Task<bool> WaitAsync(Func<bool> condition, TimeSpan limit)
    {
        for (var end = ChaosLog.Now + limit; !condition();)
        {
            if (ChaosLog.Now > end)
            {
                return false;
            }

            await Task.Delay(20);
        }

        return true;
    }

    /// <summary>Any child process of the master: starting, spare, ready.</summary>
    public int AnyChild(double which) => Pick(Linux.ChildrenOf(MasterId), which);

    /// <summary>A process that was a worker of the service at the last report.</summary>
    public int AnyWorker(string service, double which) => Pick(
        [.. LastReport.Services.Where(s => s.Name == service).SelectMany(s => s.Slots).Select(s => s.ProcessId).OfType<int>()
            .Intersect(Linux.ChildrenOf(MasterId))],
        which);

    /// <summary>A process that has no worker id yet: a spare worker, or one that starts.</summary>
    public int AnySpare(double which) => Pick([.. Linux.ChildrenOf(MasterId).Except(WorkersOf(Program.Trace))], which);

    /// <summary>The children of the master that have a worker id.</summary>
    public IReadOnlyList<int> Workers() => [.. Linux.ChildrenOf(MasterId).Intersect(WorkersOf(Program.Trace))];

    public void Scale(string service, int workers)
    {
        Notes.Add("do-target", service: service, detail: $"{workers}");
        Say($"resize {service} {workers}");
    }

    /// <summary>Writes new valid files, each with a new generation; the extra and the polled file only sometimes.</summary>
    public void EditWell(bool inPlace)
    {
        Wanted.Generation++;
        Wanted.ExtraGeneration += Wanted.Generation % 3 == 0 ? 1 : 0;
        Wanted.PolledGeneration += Wanted.Generation % 4 == 0 ? 1 : 0;
        Restore(inPlace);
        Notes.Add("do-edit", detail: $"{Wanted.Mark} {string.Join(' ', Wanted.Acts)}");
    }

    /// <summary>Writes the last valid files again.</summary>
    public void Restore(bool inPlace)
    {
        LastEdit = ChaosLog.Now;
        NoteTargets();
        WriteAll(Wanted, Program.Directory, (path, text) => WriteIfOther(path, text, inPlace));
        Lasting.End("do-spoil");
    }

    /// <summary>Writes an invalid file. It has a generation too, which shows whether a worker loads it.</summary>
    public void Spoil(int kind, bool inPlace)
    {
        Lasting.BeginSpoiling();
        var (file, text) = Wanted.BadEdit(kind);
        Write(file is null ? Settings.File : Path.Combine(Program.Directory, file), text, inPlace);
    }

    /// <summary>Writes the present content of the file again, valid or not.</summary>
    public void Rewrite(bool inPlace) => Write(Settings.File, File.ReadAllText(Settings.File), inPlace);

    private static void WriteAll(WantedFile file, string directory, Action<string, string> write)
    {
        write(new Settings(directory).File, file.Text());
        write(Path.Combine(directory, TestSources.ExtraFile), file.ExtraText());
        write(Path.Combine(directory, TestSources.PolledFile), file.PolledText());
    }

    private static void WriteIfOther(string path, string text, bool inPlace)
    {
        if (File.ReadAllText(path) != text)
        {
            Write(path, text, inPlace);
        }
    }

    private static void Write(string path, string text) => Write(path, text, inPlace: true);

    private static void Write(string path, string text, bool inPlace)
    {
        if (inPlace)
        {
            File.WriteAllText(path, text);
        }
        else
        {
            Settings.Replace(path, text);
        }
    }

    /// <summary>Sends no further requests to the master, which is about to exit.</summary>
    public async Task BeginEndAsync()
    {
        HasEnded = true;
        await _ending.CancelAsync();
        await _pulse;
    }

    /// <summary>Waits until the viewers have noticed the exit of the master.</summary>
    public Task CloseViewersAsync() => _viewers?.CloseAsync() ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await BeginEndAsync();
        _ending.Dispose();
        Lasting.EndAll();
        await Program.DisposeAsync();
        await CloseViewersAsync();
        _viewers?.Dispose();
    }

    /// <summary>The processes whose last trace line has a worker id.</summary>
    private static IEnumerable<int> WorkersOf(IReadOnlyList<TraceLine> trace) => trace
        .Where(l => (l.Is("main-worker") || l.WorkerId >= 0) && !l.Is("event") && !l.Is("hook-dead"))
        .GroupBy(l => l.ProcessId)
        .Where(lines => lines.Last().WorkerId >= 0)
        .Select(lines => lines.Key);

    private static int Pick(IReadOnlyList<int> processes, double which) =>
        processes.Count == 0 ? 0 : processes[(int)(which * processes.Count)];

    private void NoteTargets()
    {
        foreach (var (service, workers) in Wanted.Targets)
        {
            Notes.Add("do-target", service: service, detail: $"{workers}");
        }
    }

    private async Task PulseAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var trace = Program.Trace;
            if (trace.LastOrDefault(l => l.Is("reported")) is { } last && int.Parse(last.Detail, null) > _lastAnswered)
            {
                _lastAnswered = int.Parse(last.Detail, null);
                LastReport = Report.Find(trace, last.Detail)!;
            }

            if (IsListening)
            {
                Ask();
            }

            await Task.Delay(PulseDelay, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
