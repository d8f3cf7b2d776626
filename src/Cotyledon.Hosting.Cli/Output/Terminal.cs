using System.Text;

namespace Cotyledon.Hosting.Cli.Output;

/// <summary>The standard streams, and what they are connected to.</summary>
internal sealed record Terminal
{
    public required TextWriter Output { get; init; }

    public required TextWriter Error { get; init; }

    public required TextReader Input { get; init; }

    public bool IsInputTerminal { get; init; }

    public bool IsOutputTerminal { get; init; }

    /// <summary>Returns whether nothing reads standard output any more.</summary>
    public Func<bool> IsOutputClosed { get; init; } = () => false;

    public bool IsErrorTerminal { get; init; }

    /// <summary>Whether colours are wanted: not with <c>NO_COLOR</c> or <c>TERM=dumb</c>.</summary>
    public bool AllowsColor { get; init; }

    public Style Style => new(AllowsColor && IsOutputTerminal);

    /// <summary>UTF-8 on Unix, whatever the locale says: a C locale would replace all other characters with question marks.</summary>
    public static Terminal OfProcess() => new()
    {
        Output = OperatingSystem.IsWindows() ? Console.Out : Writer(Console.OpenStandardOutput()),
        Error = OperatingSystem.IsWindows() ? Console.Error : Writer(Console.OpenStandardError()),
        Input = Console.In,
        IsInputTerminal = !Console.IsInputRedirected,
        IsOutputTerminal = !Console.IsOutputRedirected,
        IsErrorTerminal = !Console.IsErrorRedirected,
        IsOutputClosed = () => !OperatingSystem.IsWindows() && Libc.IsClosed(1),
        AllowsColor = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") is not ("dumb" or "")
            && (!OperatingSystem.IsWindows() || Environment.GetEnvironmentVariable("WT_SESSION") is not null),
    };

    public void WriteLines(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            Output.WriteLine(line);
        }

        Output.Flush();
        if (IsOutputClosed())
        {
            throw new OutputClosedException();
        }
    }

    public void WriteLine(string line) => WriteLines([line]);

    /// <summary>Writes a line to standard error if there is one. The exit code says the same.</summary>
    public void WriteError(string line)
    {
        try
        {
            Error.WriteLine(line);
            Error.Flush();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is closed, or its disk is full.
        }
    }

    private static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(false), 16 * 1024) { NewLine = "\n" };
}
