using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>
/// Accesses the private fields of Microsoft.Extensions.Configuration that are needed to take over a configuration. If a version does not
/// have them, the configuration cannot be taken over; a test detects that.
/// </summary>
internal static class ConfigurationInternals
{
    /// <summary>Returns the list from which the configuration reads its providers, or null if it cannot be changed.</summary>
    public static List<IConfigurationProvider>? ProvidersOf(IConfiguration? configuration)
    {
        try
        {
            return configuration is IConfigurationRoot root && RegistrationsOf(root) is not null
                ? root.Providers as List<IConfigurationProvider>
                : null;
        }
        catch (MissingFieldException)
        {
            return null;
        }
    }

    /// <summary>Returns the root of a configuration or section, or null if it is unknown.</summary>
    public static IConfigurationRoot? RootOf(IConfiguration configuration)
    {
        try
        {
            return configuration as IConfigurationRoot ?? (configuration is ConfigurationSection section ? RootOf(section) : null);
        }
        catch (MissingFieldException)
        {
            return null;
        }
    }

    /// <summary>Disconnects a configuration from the change tokens of its providers, so that they no longer raise its own token.</summary>
    public static void Detach(IConfigurationRoot root)
    {
        var registrations = RegistrationsOf(root)!;
        registrations.ForEach(r => r.Dispose());
        registrations.Clear();
    }

    /// <summary>Stops a provider from reloading its file by itself. It can still be loaded explicitly.</summary>
    public static void StopWatching(FileConfigurationProvider file)
    {
        try
        {
            WatchOf(file)?.Dispose();
        }
        catch (MissingFieldException)
        {
            file.Dispose();
        }
    }

    /// <summary>Replaces a provider without changing the version of the list, which would break concurrent enumerations.</summary>
    public static void Replace(List<IConfigurationProvider> providers, int index, IConfigurationProvider provider) =>
        CollectionsMarshal.AsSpan(providers)[index] = provider;

    private static List<IDisposable>? RegistrationsOf(IConfigurationRoot root) => root switch
    {
        ConfigurationManager manager => RegistrationsOf(manager),
        ConfigurationRoot plain => RegistrationsOf(plain),
        _ => null,
    };

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_changeTokenRegistrations")]
    private static extern ref List<IDisposable> RegistrationsOf(ConfigurationManager root);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_changeTokenRegistrations")]
    private static extern ref List<IDisposable> RegistrationsOf(ConfigurationRoot root);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_root")]
    private static extern ref IConfigurationRoot RootOf(ConfigurationSection section);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_changeTokenRegistration")]
    private static extern ref IDisposable? WatchOf(FileConfigurationProvider file);
}
