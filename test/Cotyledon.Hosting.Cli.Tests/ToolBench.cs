using Cotyledon.Hosting.Cli.Discovery;
using Cotyledon.Hosting.Cli.Output;

namespace Cotyledon.Hosting.Cli.Tests;

/// <summary>What a run of the tool has written, and its exit code.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Error);

/// <summary>Runs the tool in this process. It sees the fake programs of this object only.</summary>
internal sealed class ToolBench : IAsyncDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("cotyledon-cli-").FullName;
    private readonly List<FakeProgram> _programs = [];

    public ToolBench() => Directory.CreateDirectory(Sockets);

    public string Sockets => Path.Combine(_root, "run");

    public IReadOnlyList<FakeProgram> Programs => _programs;

    /// <summary>What an operator types, in a terminal. <see langword="null"/> for no terminal.</summary>
    public string? Input { get; set; }

    /// <summary>Whether standard output is a terminal, with colours.</summary>
    public bool HasOutputTerminal { get; set; }

    /// <summary>Adds a program, with a name that no other has in this process.</summary>
    public FakeProgram Start(string app = "Telemetry", string? directory = null)
    {
        var suffix = _programs.Count == 0 ? "" : $"-{_programs.Count}";
        var program = new FakeProgram(Path.Combine(directory ?? Sockets, $"{app}.{Environment.ProcessId}{suffix}.sock"));
        _programs.Add(program);
        return program;
    }

    /// <summary>Ends a program: it closes its connections and deletes its socket.</summary>
    public async Task EndAsync(FakeProgram program)
    {
        _programs.Remove(program);
        await program.DisposeAsync();
    }

    /// <summary>Adds a process in a mount namespace of its own, which shares all files with this one.</summary>
    public void AddNamespace(string process)
    {
        var directory = Path.Combine(_root, "proc", process);
        Directory.CreateDirectory(Path.Combine(directory, "ns"));
        Directory.CreateDirectory(Path.Combine(directory, "net"));
        Directory.CreateSymbolicLink(Path.Combine(directory, "root"), _root);
        File.CreateSymbolicLink(Path.Combine(directory, "ns", "mnt"), $"mnt:[{process}]");
        File.WriteAllLines(
            Path.Combine(directory, "net", "unix"),
            _programs.Select(program => $"0: 2 0 00010000 0001 01 1 /{Path.GetRelativePath(_root, program.Path)}"));
    }

    public async Task<ToolResult> RunAsync(string[] arguments, CancellationToken cancellationToken = default)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var environment = new ToolEnvironment
        {
            Terminal = new Terminal
            {
                Output = output,
                Error = error,
                Input = new StringReader(Input ?? ""),
                IsInputTerminal = Input is not null,
                IsErrorTerminal = Input is not null,
                IsOutputTerminal = HasOutputTerminal,
                AllowsColor = HasOutputTerminal,
            },
            Sockets = new UnixSocketFinder(name => name == "RUNTIME_DIRECTORY" ? Sockets : null, 4711, _root),
            Time = new FixedClock(),
        };
        var exitCode = await Tool.RunAsync(environment, arguments, cancellationToken).WaitAsync(TimeSpan.FromSeconds(60), CancellationToken.None);
        return new ToolResult(exitCode, output.ToString(), error.ToString());
    }

    public Task<ToolResult> RunAsync(params string[] arguments) => RunAsync(arguments, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        foreach (var program in _programs)
        {
            await program.DisposeAsync();
        }

        Directory.Delete(_root, recursive: true);
    }

    /// <summary>It is always the same moment, and timers run as usual.</summary>
    private sealed class FixedClock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2026, 1, 31, 12, 4, 33, TimeSpan.Zero);
    }
}
