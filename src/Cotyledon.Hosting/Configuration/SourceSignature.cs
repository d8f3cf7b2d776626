using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.FileProviders;

namespace Cotyledon.Hosting.Configuration;

/// <summary>What a worker does with the values that the master has of a source.</summary>
internal enum SourceKind : byte
{
    /// <summary>A file, a stream, a server: the worker has exactly the values that the master has.</summary>
    Loaded = 1,

    /// <summary>
    /// Environment, command line, memory: each process was given its own. The worker takes what has changed in the master since
    /// its start, except keys which the worker was given a value of its own for.
    /// </summary>
    Process = 2,
}

/// <summary>Tells sources apart, and finds the same source in master and worker.</summary>
internal static class SourceSignature
{
    private const string FrameworkPrefix = "Microsoft.Extensions.Configuration";

    /// <summary>Whether it is a provider of .NET itself, whose members are known.</summary>
    /// <remarks>
    /// The usual types are compared first, because the name of an assembly costs native code 20 microseconds. The provider of command
    /// lines is not among them: where there is none, its assembly would be loaded for this.
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

    /// <summary>Type and place of the source. Two sources may have the same one; then their order decides.</summary>
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

    /// <summary>For messages: the file, or the type of the provider.</summary>
    public static string NameOf(IConfigurationProvider provider) =>
        provider is FileConfigurationProvider { Source.Path: { } path } ? path : provider.GetType().Name;

    private static string DirectoryOf(FileConfigurationProvider file) =>
        file.Source.FileProvider is PhysicalFileProvider physical ? physical.Root : "";
}
