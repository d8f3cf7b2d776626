using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Remembers what configuration files were when they were loaded.</summary>
internal sealed class LoadedFiles
{
    private const string Unknown = "unknown";

    private readonly ConcurrentDictionary<FileConfigurationProvider, string> _signatures = new();

    /// <summary>A file that the program has loaded; perhaps before it was written for the last time.</summary>
    public void Add(FileConfigurationProvider file, DateTime loadedAfter) =>
        _signatures[file] = FileSignatures.IsWrittenSince(file, loadedAfter) ? Unknown : FileSignatures.Of(file);

    /// <summary>Whether a file is another one than that which was loaded.</summary>
    public bool HasChanged(FileConfigurationProvider file) => FileSignatures.Of(file) != SignatureOf(file);

    public string SignatureOf(FileConfigurationProvider file) => _signatures.GetValueOrDefault(file, Unknown);

    public void Load(FileConfigurationProvider file)
    {
        // Before it is loaded: what is written meanwhile is a change.
        var signature = FileSignatures.Of(file);
        _signatures[file] = Unknown;
        file.Load();
        _signatures[file] = signature;
    }
}
