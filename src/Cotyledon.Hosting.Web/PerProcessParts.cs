using Microsoft.Extensions.DependencyInjection;

namespace Cotyledon.Hosting.Web;

/// <summary>Finds registered parts of ASP.NET Core that keep data in the memory of one process.</summary>
internal static class PerProcessParts
{
    private static readonly (string Type, string Part)[] Known =
    [
        ("Microsoft.AspNetCore.Session.ISessionStore", "sessions (if in memory)"),
        ("Microsoft.AspNetCore.OutputCaching.IOutputCacheStore", "output cache (if in memory)"),
        ("Microsoft.AspNetCore.RateLimiting.", "rate limits"),
        ("Microsoft.Extensions.Caching.Memory.IMemoryCache", "memory cache"),
        ("Microsoft.AspNetCore.SignalR.HubLifetimeManager", "SignalR connections"),
        ("Microsoft.AspNetCore.Components.Server.Circuits.", "Blazor circuits"),
    ];

    public static IEnumerable<string> In(IServiceCollection services) => Known
        .Where(known => services.Any(s => NameOf(s).Contains(known.Type, StringComparison.Ordinal)))
        .Select(known => known.Part);

    private static string NameOf(ServiceDescriptor descriptor) => descriptor.ServiceType.FullName ?? "";
}
