using System.Diagnostics;
using System.Reflection;
using System.Text;

namespace Cotyledon.Hosting.Cli.Tests;

/// <summary>The tool as a process: the program that COTYLEDON_TOOL names, or the one that was built with these tests.</summary>
internal sealed class ToolProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Task _reading;

    private ToolProcess(string file, IEnumerable<string> arguments)
    {
        // A shell that runs the tests in the background ignores SIGINT, and nohup ignores SIGHUP; programs inherit that.
        var start = new ProcessStartInfo("/usr/bin/env", ["--default-signal=INT,QUIT,HUP", file, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TERM"] = "xterm";
        start.Environment.Remove("NO_COLOR");
        _process = Process.Start(start)!;
        _reading = Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
    }

    public static string File { get; } = Environment.GetEnvironmentVariable("COTYLEDON_TOOL")
        ?? Path.Combine(typeof(ToolProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "ToolDirectory").Value!, "cotyledon");

    /// <summary>What it has written to both outputs.</summary>
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

    /// <summary>Starts the tool, with pipes instead of a terminal.</summary>
    public static ToolProcess Start(params string[] arguments) => new(File, arguments);

    public static ToolProcess StartAs(string file, params string[] arguments) => new(file, arguments);

    /// <summary>Starts a shell script in a new terminal of 100 columns and 20 rows, which script(1) creates.</summary>
    public static ToolProcess StartInTerminal(string script) =>
        new("/usr/bin/script", ["--quiet", "--return", "--command", $"stty cols 100 rows 20; tty; {script}", "/dev/null"]);

    public void Type(string keys)
    {
        _process.StandardInput.Write(keys);
        _process.StandardInput.Flush();
    }

    /// <summary>Sends a signal to the tool itself, which is a child of the shell of script(1).</summary>
    public static async Task SignalAsync(string name, string commandLine)
    {
        using var pkill = Process.Start("/bin/sh", ["-c", $"for p in /proc/[0-9]*; do if [ \"$(tr '\\0' ' ' <$p/cmdline 2>/dev/null)\" = '{commandLine} ' ]; then kill -{name} ${{p#/proc/}}; fi; done"]);
        await pkill.WaitForExitAsync();
    }

    public async Task UntilAsync(Func<string, bool> condition, string what)
    {
        var waited = Stopwatch.StartNew();
        while (!condition(Output))
        {
            Assert.That(waited.Elapsed, Is.LessThan(Limit), $"Waited for {what}. Output: {Output}");
            await Task.Delay(20);
        }
    }

    public Task UntilAsync(string text) => UntilAsync(output => output.Contains(text, StringComparison.Ordinal), text);

    public async Task<int> WaitForExitAsync()
    {
        await Task.WhenAll(_process.WaitForExitAsync(), _reading).WaitAsync(Limit);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        var buffer = new char[4096];
        int count;
        while ((count = await reader.ReadAsync(buffer)) > 0)
        {
            lock (_output)
            {
                _output.Append(buffer, 0, count);
            }
        }
    }
}
