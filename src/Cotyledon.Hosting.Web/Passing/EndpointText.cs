using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Cotyledon.Hosting.Web.Passing;

/// <summary>Converts endpoints to texts, by which master and workers agree about them.</summary>
internal static class EndpointText
{
    /// <summary>Instead of an address: the system of the master does not have the address family, such as IPv6.</summary>
    public const string NoAddressFamily = "";

    /// <summary>Instead of an address: the master could not bind it for another reason. It may be in use.</summary>
    public const string NotBound = "-";

    private const string UnixPrefix = "unix:";

    /// <summary>Returns the key of a requested endpoint that is the next one of its kind, for example the second with any free port.</summary>
    /// <param name="requested">The endpoint, as the server asks for it.</param>
    /// <param name="taken">The keys that are in use.</param>
    public static string KeyOf(EndPoint requested, ICollection<string> taken)
    {
        var text = requested is FileHandleEndPoint handle ? $"descriptor {handle.FileHandle}" : Of(requested);
        var ordinal = 0;
        while (taken.Contains($"{text}#{ordinal}"))
        {
            ordinal++;
        }

        return $"{text}#{ordinal}";
    }

    public static string Of(EndPoint endpoint) => endpoint is UnixDomainSocketEndPoint ? UnixPrefix + endpoint : $"{endpoint}";

    public static bool TryParse(string text, [NotNullWhen(true)] out EndPoint? endpoint)
    {
        endpoint = text.StartsWith(UnixPrefix, StringComparison.Ordinal) ? new UnixDomainSocketEndPoint(text[UnixPrefix.Length..])
            : IPEndPoint.TryParse(text, out var address) ? address
            : null;
        return endpoint is not null;
    }
}
