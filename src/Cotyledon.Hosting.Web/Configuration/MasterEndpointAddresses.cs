using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Web.Configuration;

/// <summary>Finds the addresses of endpoints that the configuration names, because the transport of the server does not know the names.</summary>
internal static class MasterEndpointAddresses
{
    private const string Section = "Kestrel:Endpoints";

    /// <summary>Returns what the name of an endpoint must be, or <see langword="null"/> if it can be used.</summary>
    public static string? ProblemOf(IConfiguration configuration, string name)
    {
        var endpoints = configuration.GetSection(Section).GetChildren().ToList();
        if (!endpoints.Exists(e => IsNamed(e, name)))
        {
            return $"the name of an endpoint in {Section}"
                + (endpoints.Count > 0 ? $" ({string.Join(", ", endpoints.Select(e => e.Key))})" : ", which has none");
        }

        var others = endpoints.Where(e => !IsNamed(e, name)).SelectMany(AddressesOf).ToList();
        return endpoints.Where(e => IsNamed(e, name)).SelectMany(AddressesOf).FirstOrDefault(others.Contains) is { } shared
            ? $"an endpoint whose address no other endpoint has; another endpoint also has {shared}"
            : null;
    }

    public static HashSet<EndPoint> Of(IConfiguration configuration, IEnumerable<string> names) =>
        [.. configuration.GetSection(Section).GetChildren().Where(e => names.Any(n => IsNamed(e, n))).SelectMany(AddressesOf)];

    private static bool IsNamed(IConfigurationSection endpoint, string name) => endpoint.Key.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>The addresses that Kestrel binds for the URL of an endpoint.</summary>
    private static IEnumerable<EndPoint> AddressesOf(IConfigurationSection endpoint)
    {
        if (endpoint["Url"] is not { Length: > 0 } url)
        {
            return []; // The server reports the error.
        }

        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return []; // The server reports the error.
        }

        return address switch
        {
            { IsUnixPipe: true } => [new UnixDomainSocketEndPoint(address.UnixPipePath)],
            _ when address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                || address.Host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase) =>
                [new IPEndPoint(IPAddress.Loopback, address.Port), new IPEndPoint(IPAddress.IPv6Loopback, address.Port)],
            _ when IPAddress.TryParse(address.Host, out var ip) => [new IPEndPoint(ip, address.Port)],
            _ => [new IPEndPoint(IPAddress.IPv6Any, address.Port), new IPEndPoint(IPAddress.Any, address.Port)],
        };
    }
}
