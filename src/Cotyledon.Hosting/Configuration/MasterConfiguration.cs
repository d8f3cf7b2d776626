using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Systemd;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.DependencyInjection;

namespace Cotyledon.Hosting.Configuration;

/// <summary>
/// The configuration of the master, which owns the values of all processes. Sources are loaded, validated, and then published.
/// </summary>
internal sealed class MasterConfiguration(IServiceProvider services) : IDisposable
{
    private SourceValues[] _initial = [];
    private bool _isTakenOver;
    private volatile ConfigurationImage _image = ConfigurationImage.Empty;

    /// <summary>The configuration of the program, or <see langword="null"/> if it has none.</summary>
    public IConfiguration? Root { get; } = services.GetService<IConfiguration>();

    /// <summary>The accepted configuration. Null before <see cref="TakeOver"/>, or if the configuration cannot be taken over.</summary>
    public AcceptedConfiguration? Accepted { get; private set; }

    public LoadedFiles Files { get; } = new();

    public ConfigurationImage Image => _image;

    /// <summary>Returns warnings about sources that the master does not control.</summary>
    public IEnumerable<string> Warnings()
    {
        if (_isTakenOver && Root is not null && Accepted is null)
        {
            yield return $"The program's configuration is a {Root.GetType()}, which the master cannot control: code in the master may see "
                + "values that have not been validated, and each worker uses the values that it loads itself when it starts. Use the "
                + "configuration of the host builder.";
        }

        foreach (var chained in Accepted?.Sources.Select(s => s.Origin).OfType<ChainedConfigurationProvider>() ?? [])
        {
            yield return $"The configuration chains a {chained.Configuration.GetType()}, which the master cannot control. Its values are "
                + "validated and sent to workers like all others, but SIGHUP does not load them again, and code that reads the chained configuration "
                + "directly may see values that have not been validated.";
        }

        if (Accepted is { IsBypassed: true })
        {
            yield return "The program has changed the sources of its configuration after the host had started. The new sources are not "
                + "validated, and workers do not get their values. Add all sources before the host starts.";
        }
    }

    /// <summary>Takes over the configuration and accepts its present values. From then on the program sees accepted values only.</summary>
    /// <exception cref="InvalidDataException">The configuration is too large to be sent to workers.</exception>
    /// <exception cref="Exception">A provider of the program threw while it was read.</exception>
    public void TakeOver()
    {
        _isTakenOver = true;
        services.GetService<ProviderSearchers>()?.Create(services);
        Accepted ??= AcceptedConfiguration.TakeOver(Root, Read);
        if (Accepted is { } accepted)
        {
            _initial = accepted.Published;
            _image = ImageOf(accepted.Published);
            _ = _image.Whole;
        }
    }

    /// <summary>Loads the present values of the sources. The program does not see them.</summary>
    /// <param name="loadsAll">Whether every source is loaded, or only followed files that have changed.</param>
    public ConfigurationCandidate Load(bool loadsAll) =>
        Accepted is { } accepted ? ConfigurationCandidate.Load(accepted, Files, loadsAll) : new([], []);

    /// <summary>Shows the candidate to the calling code until the result is disposed.</summary>
    public IDisposable? Show(ConfigurationCandidate candidate) =>
        Accepted is { } accepted ? new CandidateScope(accepted, candidate.Values) : null;

    public ConfigurationSnapshot SnapshotOf(ConfigurationCandidate candidate) =>
        Accepted is null ? new ConfigurationSnapshot(Root) : new ConfigurationSnapshot(SourceValues.Combine(candidate.Values).All);

    public ConfigurationSnapshot Snapshot() =>
        Accepted is { } accepted ? new ConfigurationSnapshot(SourceValues.Combine(accepted.Published).All) : new ConfigurationSnapshot(Root);

    /// <summary>Returns the candidate in the form in which it is sent to workers.</summary>
    /// <exception cref="InvalidDataException">The candidate is too large.</exception>
    public ConfigurationImage ImageOf(ConfigurationCandidate candidate) => Accepted is null ? _image : ImageOf(candidate.Values);

    /// <summary>Publishes the candidate to the program, and makes it the configuration that is sent to workers.</summary>
    /// <returns>Whether the caller has to call <see cref="AcceptedConfiguration.Raise(Action{Exception})"/>.</returns>
    public bool Publish(ConfigurationCandidate candidate, ConfigurationImage image)
    {
        _image = image;
        return Accepted?.Publish(candidate.Values, keepsSet: true) ?? false;
    }

    public void Dispose() => Accepted?.Release();

    private ConfigurationImage ImageOf(SourceValues[] values) =>
        ConfigurationImage.Of([.. Accepted!.Sources.Select(s => s.Origin)], _initial, values, _image);

    private SourceValues Read(IConfigurationProvider provider)
    {
        if (provider is FileConfigurationProvider file)
        {
            if (file.Source.ReloadOnChange)
            {
                // The watcher of the provider could replace the values while they are being copied.
                ConfigurationInternals.StopWatching(file);
            }

            Files.Add(file, OwnStat.ProcessStartTime());
        }

        var values = SourceReader.Read(provider);
        return provider is EnvironmentVariablesConfigurationProvider ? WithoutThoseOfSystemd(values) : values;
    }

    /// <summary>Removes the variables of systemd, which are no longer in the environment, so that a reload reports no change.</summary>
    private static SourceValues WithoutThoseOfSystemd(SourceValues values)
    {
        var others = new Dictionary<string, string?>(values.All, StringComparer.OrdinalIgnoreCase);
        foreach (var variable in ServiceManagerNotifier.Variables)
        {
            others.Remove(variable);
        }

        return new SourceValues(others);
    }
}
