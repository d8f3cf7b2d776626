using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Loads configuration files, and remembers what they were then.</summary>
internal sealed class LoadedFiles
{
    private const string Unknown = "unknown";
    private const int MaxAttempts = 5;

    private readonly ConcurrentDictionary<FileConfigurationProvider, Loaded> _files = new();

    /// <summary>A file that the program has loaded; perhaps before it was written for the last time.</summary>
    public void Add(FileConfigurationProvider file, DateTime loadedAfter) =>
        _files[file] = new(FileSignatures.IsWrittenSince(file, loadedAfter) ? Unknown : FileSignatures.Of(file), null);

    /// <summary>Whether a file is another one than that which was loaded.</summary>
    public bool HasChanged(FileConfigurationProvider file) => FileSignatures.Of(file) != SignatureOf(file);

    public string SignatureOf(FileConfigurationProvider file) => _files.TryGetValue(file, out var loaded) ? loaded.Signature : Unknown;

    /// <summary>What the provider has, or had before a load that failed.</summary>
    /// <exception cref="Exception">Whatever the provider throws.</exception>
    public SourceValues Read(FileConfigurationProvider file) =>
        _files.TryGetValue(file, out var loaded) && loaded.Kept is { } kept ? kept : SourceReader.Read(file);

    /// <summary>
    /// Loads a file. One that is written meanwhile is loaded again: its first half may be the old one and its second half the new one, and
    /// together they may be valid.
    /// </summary>
    /// <exception cref="IOException">The file was written during each of several attempts.</exception>
    /// <exception cref="Exception">Whatever the provider throws.</exception>
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

    /// <param name="Signature">What the file was when it was loaded.</param>
    /// <param name="Kept">The values before a load that failed.</param>
    private sealed record Loaded(string Signature, SourceValues? Kept);
}
