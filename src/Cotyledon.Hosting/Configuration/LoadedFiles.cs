using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Loads configuration files, and stores their signatures at that time.</summary>
internal sealed class LoadedFiles
{
    private const string Unknown = "unknown";
    private const int MaxAttempts = 5;

    private readonly ConcurrentDictionary<FileConfigurationProvider, Loaded> _files = new();

    /// <summary>Adds a file that the program has loaded after a time. If it was written since, the loaded version is not known.</summary>
    public void Add(FileConfigurationProvider file, DateTime loadedAfter) =>
        _files[file] = new(FileSignatures.IsWrittenSince(file, loadedAfter) ? Unknown : FileSignatures.Of(file), null);

    public bool HasChanged(FileConfigurationProvider file) => FileSignatures.Of(file) != SignatureOf(file);

    public string SignatureOf(FileConfigurationProvider file) => _files.TryGetValue(file, out var loaded) ? loaded.Signature : Unknown;

    /// <summary>Returns the values of the provider, or, after a failed load, the values before it.</summary>
    /// <exception cref="Exception">The provider threw.</exception>
    public SourceValues Read(FileConfigurationProvider file) =>
        _files.TryGetValue(file, out var loaded) && loaded.Kept is { } kept ? kept : SourceReader.Read(file);

    /// <summary>
    /// Loads a file. If the file is written meanwhile, it is loaded again: a mixture of the old first half and the new second half could be
    /// valid.
    /// </summary>
    /// <exception cref="IOException">The file was written during each of several attempts.</exception>
    /// <exception cref="Exception">The provider threw.</exception>
    public void Load(FileConfigurationProvider file)
    {
        _files[file] = new(Unknown, Read(file));
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var signature = FileSignatures.Of(file);
            try
            {
                file.Load();
            }
            catch (Exception) when (attempt < MaxAttempts && FileSignatures.Of(file) != signature)
            {
                continue;
            }

            if (FileSignatures.Of(file) == signature)
            {
                _files[file] = new(signature, null);
                return;
            }
        }

        throw new IOException($"The file was written during each of {MaxAttempts} attempts to load it.");
    }

    /// <param name="Signature">The signature of the file when it was loaded.</param>
    /// <param name="Kept">The values before a failed load; null if the last load succeeded.</param>
    private sealed record Loaded(string Signature, SourceValues? Kept);
}
