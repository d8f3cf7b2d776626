using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Tests.Processes;

internal sealed class ProgramCommandTests
{
    [Test]
    public void The_command_starts_the_program_like_the_current_process()
    {
        var command = ProgramCommand.OfThisProcess;

        Assert.That(command.File, Is.EqualTo(Environment.ProcessPath));
        Assert.That(command.Arguments, Does.Contain(Path.GetFullPath(Environment.GetCommandLineArgs()[0])));
        Assert.That(command.Arguments.TakeLast(1), Is.EqualTo(Environment.GetCommandLineArgs().TakeLast(1)));
        Assert.That(command.Directory, Is.EqualTo(Environment.CurrentDirectory));
    }

    [Test, Platform("Linux")]
    public void The_options_of_the_host_come_before_the_assembly()
    {
        var native = File.ReadAllText("/proc/self/cmdline").TrimEnd('\0').Split('\0');

        Assert.That(ProgramCommand.OfThisProcess.Arguments, Is.EqualTo(native[1..]));
    }

    [Test]
    public void The_program_is_named_after_its_assembly_if_dotnet_runs_it()
    {
        Assert.That(ProgramCommand.OfThisProcess.Name, Is.EqualTo("testhost"));
    }

    [TestCase("dotnet|app.dll|a|", 1, "")]
    [TestCase("dotnet|exec|--x|y|app.dll|a|", 1, "exec,--x,y")]
    [TestCase("dotnet|--roll-forward|Major|app.dll||", 1, "--roll-forward,Major", Description = "an empty last argument")]
    [TestCase("dotnet|app.dll||a|||", 4, "")]
    public void Options_of_dotnet_are_found_before_the_program_and_its_arguments(string commandLine, int ownArguments, string expected)
    {
        var options = ProgramCommand.HostOptions(commandLine.Replace('|', '\0'), ownArguments);

        Assert.That(string.Join(',', options), Is.EqualTo(expected));
    }

    [TestCase("/opt/app/poller", "poller")]
    [TestCase("/opt/app/My.Poller", "My.Poller")]
    public void The_program_is_named_after_its_executable(string file, string expected)
    {
        Assert.That(new ProgramCommand(file, ["--verbose"], "/").Name, Is.EqualTo(expected));
    }

    [Test]
    public void The_command_line_is_the_file_and_its_arguments()
    {
        Assert.That(new ProgramCommand("/opt/poller", ["a", "b c"], "/").CommandLine, Is.EqualTo("/opt/poller a b c"));
    }
}
