using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>
/// The private fields of Microsoft.Extensions.Configuration that taking over a configuration needs. A version without them is
/// treated as a configuration that cannot be taken over; a test fails then.
/// </summary>
internal static class ConfigurationInternals
{
    /// <summary>Returns the list that the configuration reads its providers from, or null where it cannot be changed.</summary>
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

    /// <summary>The whole that a configuration belongs to, or null.</summary>
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

    /// <summary>From now on the tokens of its providers do not raise that of the configuration.</summary>
    public static void Detach(IConfigurationRoot root)
    {
        var registrations = RegistrationsOf(root)!;
        registrations.ForEach(r => r.Dispose());
        registrations.Clear();
    }

    /// <summary>From now on the provider does not load its file by itself. It can still be loaded.</summary>
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

    /// <summary>Without a new version of the list, so that code which enumerates it meanwhile is not disturbed.</summary>
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
