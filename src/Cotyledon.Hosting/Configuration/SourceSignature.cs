using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.FileProviders;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Specifies how a worker uses the values that the master has for a source.</summary>
internal enum SourceKind : byte
{
    /// <summary>A file, a stream or a server. The worker has exactly the values of the master.</summary>
    Loaded = 1,

    /// <summary>
    /// Environment, command line or memory, which each process has for itself. The worker takes the changes in the master since the start
    /// of the master, except for keys that had another value when the worker was started.
    /// </summary>
    Process = 2,
}

/// <summary>Identifies sources, to find the same source in master and worker.</summary>
internal static class SourceSignature
{
    private const string FrameworkPrefix = "Microsoft.Extensions.Configuration";

    /// <summary>Returns whether it is a provider of .NET itself, whose members are known.</summary>
    /// <remarks>
    /// The usual types are compared first, because getting the name of an assembly takes 20 microseconds in native code. The command line
    /// provider is not among them, because the comparison would load its assembly into programs that do not use it.
    /// </remarks>
    public static bool IsOfFramework(IConfigurationProvider provider)
    {
        var type = provider.GetType();
        return type == typeof(EnvironmentVariablesConfigurationProvider)
            || type == typeof(JsonConfigurationProvider)
            || type == typeof(MemoryConfigurationProvider)
            || type.Assembly.GetName().Name?.StartsWith(FrameworkPrefix, StringComparison.Ordinal) == true;
    }

    public static SourceKind KindOf(IConfigurationProvider provider) =>
        provider is MemoryConfigurationProvider or EnvironmentVariablesConfigurationProvider or CommandLineConfigurationProvider
            ? SourceKind.Process
            : SourceKind.Loaded;

    /// <summary>Returns the type and path of the source. If two sources have the same signature, their keys and order decide.</summary>
    public static string Of(IConfigurationProvider provider)
    {
        var type = provider.GetType().FullName;
        return provider switch
        {
            FileConfigurationProvider file => $"{type} {DirectoryOf(file)}{file.Source.Path}",
            _ when IsOfFramework(provider) => $"{type} {provider}",
            _ => $"{type}",
        };
    }

    /// <summary>Returns the path of the file or the type of the provider, for messages.</summary>
    public static string NameOf(IConfigurationProvider provider) =>
        provider is FileConfigurationProvider { Source.Path: { } path } ? path : provider.GetType().Name;

    private static string DirectoryOf(FileConfigurationProvider file) =>
        file.Source.FileProvider is PhysicalFileProvider physical ? physical.Root : "";
}
