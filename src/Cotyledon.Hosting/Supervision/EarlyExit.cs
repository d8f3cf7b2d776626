namespace Cotyledon.Hosting.Supervision;

/// <summary>Explains why a process left before its host was built, from what it wrote to its standard error.</summary>
internal static class EarlyExit
{
    private const string Begin = "It ended before it said hello to the master";

    private const string Advice =
        ". The code of Program.cs runs in workers, too: what only the master is to do belongs under if (!CotyledonHost.IsWorker).";

    public static string Describe(IReadOnlyList<string> standardError)
    {
        var cause = CauseOf(standardError);
        return cause.Length > 0 ? $"{Begin}: {cause}" : Begin + Advice;
    }

    /// <summary>What the runtime writes of an exception that nothing handles, with its inner exceptions.</summary>
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

/// <summary>How the runtime reports an exception that ends the process.</summary>
internal static class UnhandledException
{
    public const string Prefix = "Unhandled exception. ";

    public const string InnerPrefix = " ---> ";
}
