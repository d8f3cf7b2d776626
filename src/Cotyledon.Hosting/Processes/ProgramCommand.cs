using System.Text;

namespace Cotyledon.Hosting.Processes;

/// <summary>How this very program is started once more.</summary>
/// <param name="File">The executable.</param>
/// <param name="Arguments">Its arguments, without its own name.</param>
/// <param name="Directory">The directory that it is started in.</param>
internal sealed record ProgramCommand(string File, IReadOnlyList<string> Arguments, string Directory)
{
    private static readonly Lazy<ProgramCommand> Own = new(Read);

    /// <summary>The command that started this process. The first look must come before anything changes the process title.</summary>
    /// <exception cref="InvalidOperationException">The runtime does not know its executable.</exception>
    public static ProgramCommand OfThisProcess => Own.Value;

    /// <summary>The name of the program: that of its executable, or of its assembly where <c>dotnet</c> runs it.</summary>
    public string Name => IsMuxer(File) ? Path.GetFileNameWithoutExtension(Arguments[^(OwnArgumentCount + 1)]) : NameOf(File);

    /// <summary>The command line, as a person would have typed it.</summary>
    public string CommandLine => string.Join(' ', [File, .. Arguments]);

    private int OwnArgumentCount { get; init; }

    private static ProgramCommand Read()
    {
        var file = Environment.ProcessPath
            ?? throw new InvalidOperationException("The path of this program's executable is not known.");
        var commandLine = Environment.GetCommandLineArgs();
        var own = commandLine[1..];
        string[] arguments = IsMuxer(file) ? [.. HostOptions(own.Length), Path.GetFullPath(commandLine[0]), .. own] : own;
        return new ProgramCommand(file, arguments, Environment.CurrentDirectory) { OwnArgumentCount = own.Length };
    }

    /// <param name="commandLine">Each argument with a null character behind it; an argument may be empty.</param>
    /// <param name="ownArgumentCount">How many of them the program itself got.</param>
    internal static string[] HostOptions(string commandLine, int ownArgumentCount)
    {
        var native = (commandLine.EndsWith('\0') ? commandLine[..^1] : commandLine).Split('\0');
        var end = native.Length - ownArgumentCount - 1;
        return end > 1 ? native[1..end] : [];
    }

    private static bool IsMuxer(string file) => NameOf(file).Equals("dotnet", StringComparison.OrdinalIgnoreCase);

    private static string NameOf(string file) =>
        OperatingSystem.IsWindows() ? Path.GetFileNameWithoutExtension(file) : Path.GetFileName(file);

    /// <summary>
    /// What stood between <c>dotnet</c> and the assembly, such as <c>exec --runtimeconfig x</c>: the runtime does not tell, the
    /// kernel does. Empty where it does not.
    /// </summary>
    private static string[] HostOptions(int ownArgumentCount)
    {
        const string commandLineFile = "/proc/self/cmdline";
        if (!System.IO.File.Exists(commandLineFile))
        {
            return [];
        }

        return HostOptions(Encoding.UTF8.GetString(System.IO.File.ReadAllBytes(commandLineFile)), ownArgumentCount);
    }
}
