using System.Text;

namespace Cotyledon.Hosting.Processes;

/// <summary>The command that starts this program again.</summary>
/// <param name="File">The executable.</param>
/// <param name="Arguments">Its arguments, without its own name.</param>
/// <param name="Directory">The directory that it is started in.</param>
internal sealed record ProgramCommand(string File, IReadOnlyList<string> Arguments, string Directory)
{
    private static readonly Lazy<ProgramCommand> Own = new(Read);

    /// <summary>The command that has started this process. The first access must come before a change of the process title.</summary>
    /// <exception cref="InvalidOperationException">The runtime does not know its executable.</exception>
    public static ProgramCommand OfThisProcess => Own.Value;

    /// <summary>The name of the program: that of its executable, or of its assembly where <c>dotnet</c> runs it.</summary>
    public string Name => IsMuxer(File) ? Path.GetFileNameWithoutExtension(Arguments[^(OwnArgumentCount + 1)]) : NameOf(File);

    /// <summary>The command line, separated by spaces without quotes.</summary>
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

    /// <summary>Returns the arguments between <c>dotnet</c> and the assembly.</summary>
    /// <param name="commandLine">The arguments, each followed by a null character. An argument may be empty.</param>
    /// <param name="ownArgumentCount">The number of arguments of the program itself.</param>
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
    /// Returns the arguments between <c>dotnet</c> and the assembly, such as <c>exec --runtimeconfig x</c>. They are read from the kernel,
    /// because the runtime does not provide them. Returns an empty array if the system has no <c>/proc</c>.
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
