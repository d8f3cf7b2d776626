using System.Diagnostics;
using System.Globalization;
using System.Text;
using Cotyledon.Hosting.ProcessTests.Windows;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The test program, started as a user would start it, in its own directory.</summary>
/// <remarks>Every wait has a condition and a hard limit. At the limit the test fails with the output and the trace.</remarks>
internal sealed class TestProgram : IAsyncDisposable
{
    /// <summary>For a machine under load, where each step may take ten times as long as usual.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // The master exits after its workers, so this is only for a machine under load.
    private static readonly TimeSpan GoneLimit = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(0.25);

    private readonly string _marker = $"COTYLEDON_TEST={Guid.NewGuid():N}";
    private readonly TraceFile _trace;
    private readonly StringBuilder _output = new();
    private readonly Process _process;
    private long _outputLength;
    private long _errorLength;
    private int _openOutputs = 2;

    private TestProgram(string directory, ProcessStartInfo start)
    {
        Directory = directory;
        var traceFile = Path.Combine(directory, "trace");
        File.WriteAllText(traceFile, "");
        _trace = new TraceFile(traceFile);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.Environment["COTYLEDON_TRACE"] = traceFile;
        start.Environment[_marker.Split('=')[0]] = _marker.Split('=')[1];
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Take(e.Data, ref _outputLength);
        _process.ErrorDataReceived += (_, e) => Take(e.Data, ref _errorLength);
    }

    public string Directory { get; }

    public int ProcessId => _process.Id;

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>The number of received characters, line ends included.</summary>
    public long StandardOutputLength => Interlocked.Read(ref _outputLength);

    public long StandardErrorLength => Interlocked.Read(ref _errorLength);

    public IReadOnlyList<TraceLine> Trace => _trace.Read();

    /// <summary>The executable that COTYLEDON_TESTAPP names, or the one built with these tests.</summary>
    public static string Executable =>
        Environment.GetEnvironmentVariable("COTYLEDON_TESTAPP") ?? Path.Combine(BuildDirectory, "Cotyledon.Hosting.TestApp");

    /// <summary>Whether the program is native. It starts many times faster, so tests of category Native repeat more with it.</summary>
    public static bool IsNative => Environment.GetEnvironmentVariable("COTYLEDON_TESTAPP_IS_NATIVE") == "true";

    public static string BuildDirectory => DirectoryOf("TestApp");

    /// <summary>Returns the build directory of a program that these tests start.</summary>
    public static string DirectoryOf(string program) => typeof(TestProgram).Assembly
        .GetCustomAttributes(typeof(System.Reflection.AssemblyMetadataAttribute), false)
        .Cast<System.Reflection.AssemblyMetadataAttribute>()
        .Single(a => a.Key == $"{program}Directory").Value!;

    public static TestProgram Start(params string[] arguments) => Start(_ => { }, arguments);

    public static TestProgram Start(Action<ProcessStartInfo> configure, params string[] arguments) =>
        StartAs(Executable, configure, arguments);

    public static TestProgram StartAs(string file, Action<ProcessStartInfo> configure, params string[] arguments)
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("cotyledon-test-").FullName;

        // A shell that runs the tests in the background ignores SIGINT, and nohup ignores SIGHUP; programs inherit that.
        string[] command = ["--default-signal=INT,QUIT,HUP", file, .. arguments];
        var start = new ProcessStartInfo("/usr/bin/env", command) { WorkingDirectory = directory };

        // The socket of the control endpoint is deleted with the directory, even if the program is killed.
        start.Environment["RUNTIME_DIRECTORY"] = directory;

        // In hexadecimal, 10 s: most processes end before optimized code would pay for its compilation.
        start.Environment["DOTNET_TC_CallCountingDelayMs"] = "2710";
        configure(start);
        var program = new TestProgram(directory, start);
        program._process.Start();
        program._process.BeginOutputReadLine();
        program._process.BeginErrorReadLine();
        return program;
    }

    /// <summary>Returns the existing processes of this program, with any parent.</summary>
    public IReadOnlyList<int> Processes() => Linux.ProcessesWith(_marker);

    public void Signal(int signal) => Linux.Send(_process.Id, signal);

    public void Command(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    public async Task<TraceLine> WaitForAsync(string what, string? service = null, int? workerId = null, int? incarnation = null) =>
        (await WaitForAsync(1, what, service, workerId, incarnation))[0];

    public async Task<IReadOnlyList<TraceLine>> WaitForAsync(
        int count, string what, string? service = null, int? workerId = null, int? incarnation = null)
    {
        IReadOnlyList<TraceLine> found = [];
        await UntilAsync(
            () => (found = [.. Trace.Where(t => t.Is(what, service, workerId, incarnation))]).Count >= count,
            $"{count} x {what} {service}({workerId}) #{incarnation}");
        return found;
    }

    /// <summary>Ends the action <c>gate</c> of scripts.</summary>
    public void OpenGate() => File.WriteAllText(Path.Combine(Directory, "gate"), "");

    /// <summary>Waits for a worker's Ready event and returns its process.</summary>
    public async Task<int> WaitForReadyAsync(string service, int workerId, int incarnation = 1)
    {
        TraceLine? ready = null;
        await UntilAsync(
            () => (ready = Trace.FirstOrDefault(t =>
                t.Is("event", service, workerId, incarnation) && t.Detail.StartsWith("Ready ", StringComparison.Ordinal))) is not null,
            $"{service}({workerId}) #{incarnation} ready");
        return int.Parse(ready!.Detail.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until the two heavy workers and the light one of the plain program are ready.</summary>
    public async Task WaitForAllReadyAsync()
    {
        await WaitForReadyAsync("heavy", 0);
        await WaitForReadyAsync("heavy", 1);
        await WaitForReadyAsync("light", 0);
    }

    /// <summary>Requests the status until that of the service fulfils the condition.</summary>
    public async Task UntilStatusAsync(string service, Func<string, bool> isWanted)
    {
        var watch = Stopwatch.StartNew();
        string status;
        do
        {
            var asked = Trace.Count(t => t.Is("status", service));
            Command("status");
            status = (await WaitForAsync(asked + 1, "status", service))[^1].Detail;
        }
        while (!isWanted(status) && watch.Elapsed < Limit);

        Assert.That(isWanted(status), $"The status of {service} is {status}.{Environment.NewLine}{Describe()}");
    }

    /// <summary>Waits for a condition. A stall of the machine counts little against the limit, because it stalls the program too.</summary>
    public async Task UntilAsync(Func<bool> condition, string what, TimeSpan? limit = null)
    {
        var waited = TimeSpan.Zero;
        var poll = Stopwatch.StartNew();
        while (!condition())
        {
            if (waited > (limit ?? Limit))
            {
                Assert.Fail($"Not within {limit ?? Limit}: {what}.{Environment.NewLine}{Describe()}");
            }

            await Task.Delay(10);
            waited += poll.Elapsed < LongestPoll ? poll.Elapsed : LongestPoll;
            poll.Restart();
        }
    }

    public async Task<int> WaitForExitAsync(TimeSpan? limit = null)
    {
        // Not Process.WaitForExitAsync: it also waits until all other processes have closed the pipes.
        await UntilAsync(() => _process.HasExited, "the exit of the master", limit);
        return _process.ExitCode;
    }

    /// <summary>Sends SIGTERM and asserts that the program exits with this code and leaves no process.</summary>
    public async Task StopAsync(int exitCode = 0)
    {
        Signal(Linux.Terminate);
        Assert.That(await WaitForExitAsync(), Is.EqualTo(exitCode), Describe);
        await UntilGoneAsync();
    }

    /// <summary>Waits until no process of this program is left and all of their output has arrived.</summary>
    public async Task UntilGoneAsync(TimeSpan? limit = null)
    {
        await UntilNoProcessAsync(limit);

        // The last lines may still be on their way when the last process is gone.
        await UntilAsync(() => Volatile.Read(ref _openOutputs) == 0, "the end of the output");
    }

    /// <summary>Waits until no process of this program is left. Some output may still be on its way.</summary>
    /// <remarks>Wine's console host stays if a program is killed while it starts. It is no process of the program, but may hold its output.</remarks>
    public async Task UntilNoProcessAsync(TimeSpan? limit = null)
    {
        await UntilAsync(() => Processes().All(Wine.IsConsoleHost), "no process left", limit ?? GoneLimit);
        Processes().Where(Wine.IsConsoleHost).ToList().ForEach(consoleHost => Linux.Send(consoleHost, Linux.Kill));
    }

    public string Describe()
    {
        var processes = string.Join(", ", Processes().Select(p => $"{p} {Linux.StateOf(p)} '{Linux.TitleOf(p)}'"));
        return $"processes: {processes}{Environment.NewLine}output:{Environment.NewLine}{Output}{Environment.NewLine}"
            + $"trace:{Environment.NewLine}{string.Join(Environment.NewLine, Trace)}";
    }

    public async ValueTask DisposeAsync()
    {
        await UntilAsync(
            () =>
            {
                var left = Processes();
                left.ToList().ForEach(process => Linux.Send(process, Linux.Kill));
                return left.Count == 0 && _process.HasExited;
            },
            "the clean-up of the test");
        _process.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private void Take(string? line, ref long length)
    {
        if (line is null)
        {
            Interlocked.Decrement(ref _openOutputs);
        }
        else
        {
            Interlocked.Add(ref length, line.Length + 1);
            lock (_output)
            {
                // Bounded because some tests flood the output.
                if (_output.Length < 1_000_000)
                {
                    _output.AppendLine(line);
                    if (_output.Length >= 1_000_000)
                    {
                        _output.AppendLine("[The test keeps no more of the output.]");
                    }
                }
            }
        }
    }
}
