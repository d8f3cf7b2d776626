namespace Cotyledon.Hosting.Shared;

/// <summary>The addresses of NATS servers in one text, separated by commas.</summary>
internal static class NatsServers
{
    /// <summary>Returns the first address that is not valid, without user name and password, or <see langword="null"/>.</summary>
    public static string? Unreadable(string urls) => Split(urls).FirstOrDefault(u => Parse(u) is null) is { } part
        ? part[(part.LastIndexOf('@') + 1)..]
        : null;

    /// <summary>Returns the addresses for messages, without user names and passwords.</summary>
    public static string Shown(string urls) => string.Join(", ", Split(urls).Select(u => Parse(u) is { } uri
        ? uri.GetComponents(UriComponents.Scheme | UriComponents.HostAndPort, UriFormat.UriEscaped)
        : "?"));

    private static string[] Split(string urls) => urls.Split(',', StringSplitOptions.TrimEntries);

    private static Uri? Parse(string url) =>
        Uri.TryCreate(url.Contains("://", StringComparison.Ordinal) ? url : $"nats://{url}", UriKind.Absolute, out var uri)
        && uri is { Scheme: "nats" or "tls" or "ws" or "wss", Host.Length: > 0 }
            ? uri
            : null;
}
