using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.DependencyInjection;

namespace Cotyledon.Hosting.Configuration;

/// <summary>The configuration of the master, which decides what every process has: sources are loaded, judged, and then published.</summary>
internal sealed class MasterConfiguration(IServiceProvider services) : IDisposable
{
    private readonly Dictionary<FileConfigurationProvider, string> _signatures = [];
    private SourceValues[] _initial = [];
    private bool _isTakenOver;
    private volatile ConfigurationImage _image = ConfigurationImage.Empty;

    /// <summary>What the program reads, or <see langword="null"/> where it has no configuration.</summary>
    public IConfiguration? Root { get; } = services.GetService<IConfiguration>();

    /// <summary>Null until <see cref="TakeOver"/>, and where the program's configuration cannot be taken over.</summary>
    public AcceptedConfiguration? Accepted { get; private set; }

    /// <summary>What the files looked like when they were loaded.</summary>
    public IReadOnlyDictionary<FileConfigurationProvider, string> Signatures => _signatures;

    /// <summary>What workers are sent.</summary>
    public ConfigurationImage Image => _image;

    /// <summary>What the operator must know about a configuration that cannot be taken over.</summary>
    public string? Warning => !_isTakenOver || Root is null || Accepted is not null
        ? null
        : $"The program's configuration is a {Root.GetType()}, which the master cannot take over: code in the master may see values that "
            + "have not been validated, and each worker uses the values that it loads itself when it starts. Use the configuration of "
            + "the host builder.";

    /// <summary>From now on the program sees accepted values only; what it has now is accepted.</summary>
    /// <exception cref="InvalidDataException">The configuration is too large to be sent to workers.</exception>
    public void TakeOver()
    {
        _isTakenOver = true;
        Accepted ??= AcceptedConfiguration.TakeOver(Root, Prepare);
        if (Accepted is { } accepted)
        {
            _initial = accepted.Published;
            _image = ImageOf(accepted.Published);
            _ = _image.Whole;
        }
    }

    /// <summary>Loads what the sources have now. The program does not see it.</summary>
    public ConfigurationCandidate Load(bool isForced) =>
        Accepted is { } accepted ? ConfigurationCandidate.Load(accepted, isForced) : new([], []);

    /// <summary>The calling code sees the candidate until the result is disposed.</summary>
    public IDisposable? Show(ConfigurationCandidate candidate) =>
        Accepted is { } accepted ? new CandidateScope(accepted, candidate.Values) : null;

    /// <summary>All values of the candidate.</summary>
    public ConfigurationSnapshot SnapshotOf(ConfigurationCandidate candidate) =>
        Accepted is null ? new ConfigurationSnapshot(Root) : new ConfigurationSnapshot(SourceValues.Combine(candidate.Values));

    /// <summary>All values that are published.</summary>
    public ConfigurationSnapshot Snapshot() =>
        Accepted is { } accepted ? new ConfigurationSnapshot(SourceValues.Combine(accepted.Published)) : new ConfigurationSnapshot(Root);

    /// <summary>The candidate in the form in which workers get it.</summary>
    /// <exception cref="InvalidDataException">It is too large.</exception>
    public ConfigurationImage ImageOf(ConfigurationCandidate candidate)
    {
        var image = Accepted is null ? _image : ImageOf(candidate.Values);
        _ = image.Whole;
        _ = image.DifferenceFrom(_image);
        return image;
    }

    /// <summary>Makes the candidate that which the program sees, and workers are sent from now on.</summary>
    public void Publish(ConfigurationCandidate candidate, ConfigurationImage image, Action<Exception> onError)
    {
        _image = image;
        Accepted?.Publish(candidate.Values, onError);
    }

    public void Dispose() => Accepted?.Release();

    private ConfigurationImage ImageOf(SourceValues[] values) =>
        ConfigurationImage.Of([.. Accepted!.Sources.Select(s => s.Origin)], _initial, values, _image);

    /// <summary>
    /// A file is no longer loaded by its own watcher, which could replace the values while they are being copied. It is loaded once
    /// more, because that watcher may have done so already; the environment, because the variables of systemd were removed from it.
    /// </summary>
    private void Prepare(IConfigurationProvider provider)
    {
        if (provider is FileConfigurationProvider file)
        {
            ConfigurationInternals.StopWatching(file);
            _signatures[file] = FileSignatures.Of(file);
        }

        if (provider is FileConfigurationProvider or EnvironmentVariablesConfigurationProvider)
        {
            try
            {
                provider.Load();
            }
            catch (Exception)
            {
                // The program was built with what the provider has loaded before; the first look at the files reports the error.
            }
        }
    }
}
