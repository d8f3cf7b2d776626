using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.FileProviders.Physical;

namespace Cotyledon.Hosting.Configuration;

/// <summary>
/// Stops the watchers of configuration files, on Linux inotify instances. A watcher lives as long as its file provider, which outlives the
/// configuration provider.
/// </summary>
internal static class FileWatchers
{
    private const string KeyPerFileProvider = "Microsoft.Extensions.Configuration.KeyPerFile.KeyPerFileConfigurationProvider";

    /// <summary>Stops the watcher of the files that a provider reloads.</summary>
    /// <remarks>
    /// The file provider is not disposed, because the program may use it too, for example that of the content root. It creates another watcher
    /// if the program watches a file.
    /// </remarks>
    public static void Stop(IConfigurationProvider provider)
    {
        if (FilesOf(provider) is not PhysicalFileProvider files)
        {
            return;
        }

        try
        {
            ref var watcher = ref WatcherOf(files);
            ref var isCreated = ref IsWatcherCreated(files);
            watcher?.Dispose();
            watcher = null;
            Volatile.Write(ref isCreated, false);
        }
        catch (MissingFieldException)
        {
            // This version of the package has other fields, so the watcher stays. A test detects that.
        }
    }

    private static IFileProvider? FilesOf(IConfigurationProvider provider) => provider switch
    {
        FileConfigurationProvider file => file.Source.ReloadOnChange ? file.Source.FileProvider : null,
        IDisposable when provider.GetType().FullName == KeyPerFileProvider => FilesOfKeyPerFile(provider),
        _ => null,
    };

    /// <remarks>
    /// By reflection, because this package does not reference the types. Trimming and native compilation keep what constant names refer to, and
    /// do not warn in a program without these types.
    /// </remarks>
    private static IFileProvider? FilesOfKeyPerFile(IConfigurationProvider provider)
    {
        var source = Type
            .GetType("Microsoft.Extensions.Configuration.KeyPerFile.KeyPerFileConfigurationProvider, Microsoft.Extensions.Configuration.KeyPerFile")
            ?.GetProperty("Source", BindingFlags.Instance | BindingFlags.NonPublic)
            ?.GetValue(provider);
        var files = Type
            .GetType("Microsoft.Extensions.Configuration.KeyPerFile.KeyPerFileConfigurationSource, Microsoft.Extensions.Configuration.KeyPerFile")
            ?.GetProperty("FileProvider");
        return source is null ? null : (IFileProvider?)files?.GetValue(source);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_fileWatcher")]
    private static extern ref PhysicalFilesWatcher? WatcherOf(PhysicalFileProvider files);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_fileWatcherInitialized")]
    private static extern ref bool IsWatcherCreated(PhysicalFileProvider files);
}
