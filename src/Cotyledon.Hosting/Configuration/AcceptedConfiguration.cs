using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>
/// The accepted configuration of this process. It takes over the configuration object of the program: each provider is replaced by an
/// <see cref="AcceptedSource"/>. So code that holds the object, a section or an options monitor sees accepted values only.
/// </summary>
/// <remarks>
/// Rejected alternatives: another <see cref="IConfiguration"/> in the container does not affect the sections that <c>Program.cs</c> has
/// bound before. An additional last source cannot remove keys, and does not prevent the providers from raising their own change tokens.
/// </remarks>
internal sealed class AcceptedConfiguration
{
    [ThreadStatic]
    private static bool _isRaising;

    private readonly Lock _gate = new();
    private readonly List<IConfigurationRoot> _roots = [];
    private readonly List<AcceptedSource> _sources = [];
    private volatile SourceValues[] _published = [];
    private SourceValues[] _announced = [];
    private SourceValues[] _set = [];
    private volatile bool _isReleased;

    private AcceptedConfiguration()
    {
    }

    /// <summary>The sources in the order of the configuration. The sources of a chained configuration take its position.</summary>
    public IReadOnlyList<AcceptedSource> Sources => _sources;

    /// <summary>Whether the configuration was released, so that the original providers are read again.</summary>
    public bool IsReleased => _isReleased;

    /// <summary>The values that the program sees, one entry for each source.</summary>
    public SourceValues[] Published => _published;

    /// <summary>Called when code of the program requests a reload of the sources.</summary>
    public Action LoadRequested { get; set; } = () => { };

    /// <summary>Takes over a configuration with the present values of its providers.</summary>
    /// <param name="configuration">The configuration of the program.</param>
    /// <param name="read">Reads a provider. The program sees these values until others are published.</param>
    /// <returns>Null if the providers of this type of configuration cannot be replaced.</returns>
    /// <exception cref="Exception">A provider of the program threw while it was read.</exception>
    public static AcceptedConfiguration? TakeOver(IConfiguration? configuration, Func<IConfigurationProvider, SourceValues> read)
    {
        if (ConfigurationInternals.ProvidersOf(configuration) is not { } providers)
        {
            return null;
        }

        var accepted = new AcceptedConfiguration();
        var values = new List<SourceValues>();
        var replacements = new List<Action>();
        accepted.Collect((IConfigurationRoot)configuration!, providers, read, values, replacements);
        accepted._published = accepted._announced = [.. values];
        accepted._set = Nothing(values.Count);
        replacements.ForEach(replace => replace());
        return accepted;
    }

    /// <summary>Returns the values of a source: those of the candidate for code that validates it, otherwise the published ones.</summary>
    public SourceValues ValuesOf(int index) => (CandidateScope.ValuesFor(this) ?? _published)[index];

    /// <summary>Sets a value of a source on behalf of code of the program.</summary>
    public void Set(int index, string key, string? value)
    {
        lock (_gate)
        {
            _set[index] = _set[index].With(key, value);
            SourceValues[] values = [.. _published];
            values[index] = values[index].With(key, value);
            _published = values;
        }
    }

    /// <summary>
    /// Returns the values that code of the program has set in each source since the start, or since the last call with
    /// <paramref name="forget"/>.
    /// </summary>
    public SourceValues[] TakeSet(bool forget)
    {
        lock (_gate)
        {
            var set = _set;
            _set = forget ? Nothing(_sources.Count) : [.. set];
            return set;
        }
    }

    /// <summary>Publishes values, so that the program sees all of them at once.</summary>
    /// <param name="values">One entry for each source; the same instance as before if the source has not changed.</param>
    /// <param name="keepsSet">Whether to keep the values that the program has set since <see cref="TakeSet"/> forgot them.</param>
    /// <returns>
    /// Whether a source has changed since the last publication, also by code of the program. The caller then has to call
    /// <see cref="Raise(Action{Exception})"/>.
    /// </returns>
    public bool Publish(SourceValues[] values, bool keepsSet)
    {
        lock (_gate)
        {
            if (keepsSet && Array.Exists(_set, s => s.All.Count > 0))
            {
                values = [.. values.Select((value, i) => _set[i].All.Count > 0 ? SourceValues.Combine([value, _set[i]]) : value)];
            }

            _published = values;
            var hasChanged = !values.SequenceEqual(_announced, ReferenceEqualityComparer.Instance);
            _announced = values;
            return hasChanged;
        }
    }

    /// <summary>Raises the change tokens, those of chained configurations first. Callbacks of the program run in this method.</summary>
    /// <param name="onError">Called with the exceptions of callbacks.</param>
    public void Raise(Action<Exception> onError)
    {
        foreach (var root in _roots)
        {
            Raise(root, onError);
        }
    }

    /// <summary>Whether code of the program has added or replaced providers after the configuration was taken over.</summary>
    public bool IsBypassed => _roots.Exists(root => root.Providers.Any(p => p is not (AcceptedSource or ChainedConfigurationProvider)));

    public void OnLoadRequested()
    {
        if (!_isRaising)
        {
            LoadRequested();
        }
    }

    /// <summary>
    /// Releases the configuration when the host is disposed of. A configuration that outlives the host, such as one that several hosts chain,
    /// reads its providers again.
    /// </summary>
    public void Release()
    {
        _isReleased = true;
        LoadRequested = () => { };
    }

    private static SourceValues[] Nothing(int count)
    {
        var nothing = new SourceValues[count];
        Array.Fill(nothing, SourceValues.Empty);
        return nothing;
    }

    private void Collect(
        IConfigurationRoot root,
        List<IConfigurationProvider> providers,
        Func<IConfigurationProvider, SourceValues> read,
        List<SourceValues> values,
        List<Action> replacements)
    {
        for (var i = 0; i < providers.Count; i++)
        {
            var (index, origin) = (i, providers[i]);
            while (origin is AcceptedSource { IsReleased: true } old)
            {
                origin = old.Origin;
            }

            if (origin is ChainedConfigurationProvider { Configuration: var chained }
                && ConfigurationInternals.RootOf(chained) is { } inner
                && ConfigurationInternals.ProvidersOf(inner) is { } innerProviders)
            {
                if (!_roots.Contains(inner))
                {
                    Collect(inner, innerProviders, read, values, replacements);
                }

                continue;
            }

            var source = new AcceptedSource(origin, values.Count, this);
            values.Add(read(origin));
            _sources.Add(source);
            replacements.Add(() => ConfigurationInternals.Replace(providers, index, source));
        }

        // A chained configuration is raised before the configuration that contains it, so that callbacks of the latter see both changes.
        _roots.Add(root);
        replacements.Add(() => ConfigurationInternals.Detach(root));
    }

    private static void Raise(IConfigurationRoot root, Action<Exception> onError)
    {
        _isRaising = true;
        try
        {
            // All providers are replaced by ones that load nothing, so the reload only raises the token.
            root.Reload();
        }
        catch (Exception e)
        {
            onError(e);
        }
        finally
        {
            _isRaising = false;
        }
    }
}
