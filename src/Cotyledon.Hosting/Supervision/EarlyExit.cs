namespace Cotyledon.Hosting.Supervision;

/// <summary>Explains from its standard error why a process exited before it connected to the master.</summary>
internal static class EarlyExit
{
    private const string Exited = "The process exited before it connected to the master";

    private const string Killed = "The process was killed before it connected to the master";

    private const string Advice =
        ". Program.cs runs in workers too: put code that must run only in the master inside if (!CotyledonHost.IsWorker) { … }.";

    /// <param name="standardError">The last lines of its standard error.</param>
    /// <param name="hasExited">Whether the process ended by itself, and not by a signal.</param>
    public static string Describe(IReadOnlyList<string> standardError, bool hasExited)
    {
        // After an unhandled exception, the runtime ends the process by a signal on Linux.
        var cause = CauseOf(standardError);
        return cause.Length > 0 ? $"{Exited}: {cause}" : hasExited ? Exited + Advice : $"{Killed}.";
    }

    /// <summary>Returns the unhandled exception that the runtime has written, with its inner exceptions.</summary>
    private static string CauseOf(IReadOnlyList<string> lines)
    {
        var first = lines.FirstOrDefault(l => l.StartsWith(UnhandledException.Prefix, StringComparison.Ordinal));
        return first is null
            ? ""
            : string.Join(" ", lines
                .SkipWhile(l => l != first)
                .TakeWhile(l => l == first || l.StartsWith(UnhandledException.InnerPrefix, StringComparison.Ordinal))
                .Select(l => l.Replace(UnhandledException.Prefix, "", StringComparison.Ordinal).Trim()));
    }
}

/// <summary>The prefixes of the lines with which the runtime reports an unhandled exception.</summary>
internal static class UnhandledException
{
    public const string Prefix = "Unhandled exception. ";

    public const string InnerPrefix = " ---> ";
}
