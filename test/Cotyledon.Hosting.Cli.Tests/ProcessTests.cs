using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Cotyledon.Hosting.Cli.Tests;

/// <summary>The tool as a process: in a terminal, with signals, and as another user.</summary>
[Category("Aot")]
internal sealed partial class ProcessTests
{
    private const string EnterScreen = "\e[?1049h";
    private const string LeaveScreen = "\e[?1049l";
    private const string Restored = "isig icanon";

    private readonly ToolBench _bench = new();

    public ProcessTests() => Samples.Script(_bench.Start());

    private FakeProgram Program => _bench.Programs[0];

    private string Top => $"{ToolProcess.File} top -a {Program.Path}";

    [TearDown]
    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [Test]
    public async Task Output_for_a_pipe_has_no_colors_and_is_utf8()
    {
        Program.On("status", """ "result":{"services":[{"name":"größe","workers":[{"id":0,"state":"Ready"}]}]}""".Trim());
        await using var tool = ToolProcess.Start("ps", "-a", Program.Path);
        Assert.That(await tool.WaitForExitAsync(), Is.Zero);
        Assert.That(tool.Output, Does.Contain("größe    0   ready"));
        Assert.That(tool.Output.Contains('\e', StringComparison.Ordinal), Is.False);
    }

    [Test]
    public async Task The_version_is_that_of_the_packages()
    {
        await using var tool = ToolProcess.Start("--version");
        Assert.That(await tool.WaitForExitAsync(), Is.Zero);
        Assert.That(tool.Output.Trim(), Does.Match(@"^\d+\.\d+\.\d+(-[\w.]+)?$"));
    }

    /// <summary>Not with closed descriptors: the runtime uses their numbers for files of its own, such as the pipe of its signals.</summary>
    [TestCase("ps --help >/dev/full", 1)]
    [TestCase("no-such-command 2>/dev/full", 2)]
    [TestCase("ps -a /no/such/program 2>/dev/full >/dev/full", 3)]
    public async Task An_output_that_cannot_be_written_keeps_the_exit_code(string command, int exitCode)
    {
        await using var tool = ToolProcess.StartAs("/bin/sh", "-c", $"{ToolProcess.File} {command}");
        Assert.That(await tool.WaitForExitAsync(), Is.EqualTo(exitCode), tool.Output);
        Assert.That(tool.Output, Does.Not.Contain("Unhandled"));
    }

    [Test]
    public async Task The_shell_gets_suggestions()
    {
        await using var tool = ToolProcess.Start("[suggest:13]", "cotyledon sta");
        Assert.That(await tool.WaitForExitAsync(), Is.Zero);
        Assert.That(tool.Output, Does.Contain("start"));
    }

    [Test]
    public async Task Top_in_a_terminal_of_unknown_size_uses_80_columns()
    {
        await using var tool = ToolProcess.StartInTerminal($"stty cols 0 rows 0; {Top}; echo exit=$?");
        await tool.UntilAsync("backing_off");
        tool.Type("q");
        await tool.UntilAsync("exit=0");
    }

    [Test]
    public async Task Top_shows_the_workers_and_q_restores_the_terminal()
    {
        await using var tool = ToolProcess.StartInTerminal($"{Top}; echo exit=$?; stty -a");
        await tool.UntilAsync("backing_off");
        tool.Type("c");
        await tool.UntilAsync("sorted by cpu");
        tool.Type("/mailer");
        await tool.UntilAsync("filter: mailer_");
        tool.Type("\rq");

        Assert.That(await tool.WaitForExitAsync(), Is.Zero);
        AssertRestored(tool.Output, 0);
    }

    [Test]
    public async Task Top_obeys_keys_after_a_long_paste()
    {
        await using var tool = ToolProcess.StartInTerminal($"{Top}; echo exit=$?");
        await tool.UntilAsync("backing_off");
        tool.Type("/" + new string('x', 2_000) + "\rq");
        await tool.UntilAsync("exit=0");
    }

    [Test]
    public async Task Top_follows_the_size_of_the_terminal()
    {
        await using var tool = ToolProcess.StartInTerminal($"{Top}; echo exit=$?; stty -a");
        await tool.UntilAsync("q quit  s service  c cpu  m memory");
        var terminal = TerminalPattern().Match(tool.Output).Value;
        var before = tool.Output.Length;
        using (var resize = Process.Start("/bin/stty", ["-F", terminal, "cols", "31", "rows", "10"]))
        {
            await resize.WaitForExitAsync();
        }

        await tool.UntilAsync(output => output[before..].Contains("q quit  s service  c cpu  m ...", StringComparison.Ordinal), "the narrow screen");
        tool.Type("q");
        Assert.That(await tool.WaitForExitAsync(), Is.Zero);
    }

    [TestCase("TERM", 143)]
    [TestCase("HUP", 143)]
    [TestCase("INT", 130)]
    public async Task Top_restores_the_terminal_after_a_signal(string signal, int exitCode)
    {
        await using var tool = ToolProcess.StartInTerminal($"{Top}; echo exit=$?; stty -a");
        await tool.UntilAsync("backing_off");
        await ToolProcess.SignalAsync(signal, Top);
        Assert.That(await tool.WaitForExitAsync(), Is.Zero);
        AssertRestored(tool.Output, exitCode);
    }

    [Test]
    public async Task Top_restores_the_terminal_after_ctrl_c()
    {
        await using var tool = ToolProcess.StartInTerminal($"trap : INT; {Top}; echo exit=$?; stty -a");
        await tool.UntilAsync("backing_off");
        tool.Type("\x03");
        Assert.That(await tool.WaitForExitAsync(), Is.Zero);
        AssertRestored(tool.Output, 130);
    }

    [Test]
    public async Task Top_restores_the_terminal_when_the_program_ends()
    {
        await using var tool = ToolProcess.StartInTerminal($"{Top}; echo exit=$?; stty -a");
        await tool.UntilAsync("backing_off");
        await _bench.EndAsync(Program);
        Assert.That(await tool.WaitForExitAsync(), Is.Zero);
        AssertRestored(tool.Output, 3);
        Assert.That(tool.Output, Does.Contain("error: No program listens at "));
    }

    [Test]
    public async Task Top_connects_again_when_the_program_has_closed_the_connection()
    {
        Program.On("status", $"\"result\":{Samples.Status}", "close");
        await using var tool = ToolProcess.StartInTerminal($"{Top}; echo exit=$?");
        await tool.UntilAsync("backing_off");
        Program.On("status", "\"result\":{\"services\":[{\"name\":\"shown-later\"}]}");
        await tool.UntilAsync("shown-later");
        tool.Type("q");
        await tool.UntilAsync("exit=0");
        Assert.That(Program.Connections, Is.GreaterThan(1));
    }

    [Test]
    public async Task Top_ends_when_another_process_listens_at_the_socket()
    {
        Program.On("status", $"\"result\":{Samples.Status}", "close");
        await using var tool = ToolProcess.StartInTerminal($"{Top}; echo exit=$?");
        await tool.UntilAsync("backing_off");
        Program.FirstLine = FakeProgram.Greeting.Replace("4711", "4712", StringComparison.Ordinal);
        await tool.UntilAsync("exit=3");
        Assert.That(tool.Output, Does.Contain("error: The program closed the connection"));
    }

    [Test]
    public async Task Top_restores_the_terminal_after_an_answer_that_it_cannot_read()
    {
        Program.On("status", "\"result\":{\"services\":1}");
        await using var tool = ToolProcess.StartInTerminal($"{Top}; echo exit=$?; stty -a");
        Assert.That(await tool.WaitForExitAsync(), Is.Zero);
        AssertRestored(tool.Output, 1);
    }

    [Test]
    public async Task Top_without_a_terminal_says_so()
    {
        await using var tool = ToolProcess.Start("top", "-a", Program.Path);
        Assert.That(await tool.WaitForExitAsync(), Is.EqualTo(2));
        Assert.That(tool.Output, Does.Contain("needs a terminal"));
    }

    [Test]
    public async Task Progress_is_a_bar_in_a_terminal()
    {
        await using var tool = ToolProcess.StartInTerminal($"{ToolProcess.File} restart polling -a {Program.Path}; echo exit=$?");
        Assert.That(await tool.WaitForExitAsync(), Is.Zero);
        Assert.That(tool.Output, Does.Contain("[##########..........] 1/2\r\e[K").And.Contain("exit=0"));
    }

    [Test]
    public async Task A_question_is_asked_in_a_terminal()
    {
        await using var tool = ToolProcess.StartInTerminal($"{ToolProcess.File} kill polling/0 -a {Program.Path}; echo exit=$?");
        await tool.UntilAsync("Kill polling/0, pid 4720, incarnation 1? [y/N] ");
        tool.Type("y\n");
        await tool.UntilAsync("exit=0");
        Assert.That(Program.Requests.Last(), Does.Contain("\"kill\""));
    }

    [Test]
    public async Task Ctrl_c_ends_a_question()
    {
        await using var tool = ToolProcess.StartInTerminal($"trap : INT; {ToolProcess.File} kill polling/0 -a {Program.Path}; echo exit=$?");
        await tool.UntilAsync("[y/N] ");
        tool.Type("\x03");
        await tool.UntilAsync("exit=130");
        Assert.That(Program.Requests.Last(), Does.Not.Contain("\"kill\""));
    }

    [Test]
    public async Task A_reader_that_has_gone_ends_following()
    {
        Program.On("events", [.. Enumerable.Repeat(Program.ScriptOf("events")[1], 20_000), "wait"]);
        await using var tool = ToolProcess.StartAs("/bin/sh", "-c", $"{ToolProcess.File} events --follow -a {Program.Path} | head -n 1");
        Assert.That(await tool.WaitForExitAsync(), Is.Zero);
        Assert.That(tool.Output, Does.Contain("polling/1 4803 started"));
    }

    [Test]
    public async Task Another_user_gets_4()
    {
        if (Environment.UserName != "root" || !File.Exists("/usr/bin/setpriv"))
        {
            Assert.Ignore("Needs root and setpriv(1), to become another user.");
        }

        await using var tool = ToolProcess.StartAs(
            "/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", ToolProcess.File, "ps", "-a", Program.Path);
        Assert.That(await tool.WaitForExitAsync(), Is.EqualTo(4), tool.Output);
        Assert.That(tool.Output, Does.Contain("belongs to another user"));
    }

    private static void AssertRestored(string output, int exitCode)
    {
        Assert.That(output, Does.Contain(EnterScreen));
        Assert.That(output.LastIndexOf(LeaveScreen, StringComparison.Ordinal), Is.GreaterThan(output.LastIndexOf(EnterScreen, StringComparison.Ordinal)));
        Assert.That(output, Does.Contain(string.Create(CultureInfo.InvariantCulture, $"exit={exitCode}\r\n")));
        Assert.That(output, Does.Contain(Restored).And.Contain(" echo "), "the settings of the terminal");
    }

    [GeneratedRegex(@"/dev/pts/\d+")]
    private static partial Regex TerminalPattern();
}
