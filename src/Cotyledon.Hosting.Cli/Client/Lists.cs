namespace Cotyledon.Hosting.Cli.Client;

/// <summary>Lists of a program, which can be absent, and can have elements that are null.</summary>
internal static class Lists
{
    public static IEnumerable<T> OrNone<T>(this IReadOnlyList<T>? items)
        where T : class => items?.Where(item => item is not null) ?? [];
}
