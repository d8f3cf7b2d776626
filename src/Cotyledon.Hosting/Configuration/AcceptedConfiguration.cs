using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>
/// The configuration of this process as it was accepted. Taken over from the program's own object: each of its providers is replaced
/// by an <see cref="AcceptedSource"/>, so that code that holds the object, a section or an options monitor sees accepted values only.
/// </summary>
/// <remarks>
/// Rejected alternatives: another <see cref="IConfiguration"/> in the container does not reach the sections that <c>Program.cs</c> has
/// bound before; a source behind all others cannot remove keys, and does not keep the providers' own tokens from being raised.
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

    /// <summary>In the order of the configuration; those of a chained configuration at the place of the chain.</summary>
    public IReadOnlyList<AcceptedSource> Sources => _sources;

    /// <summary>Whether the providers answer for themselves again.</summary>
    public bool IsReleased => _isReleased;

    /// <summary>What the program sees: one entry for each source.</summary>
    public SourceValues[] Published => _published;

    /// <summary>Called when code of the program wants the sources to be loaded again.</summary>
    public Action LoadRequested { get; set; } = () => { };

    /// <summary>Takes a configuration over, with the values that its providers have now.</summary>
    /// <param name="configuration">The program's configuration.</param>
    /// <param name="read">Returns the values of a provider, from now on the only ones to be seen.</param>
    /// <returns>Null where the configuration is of a kind whose providers cannot be replaced.</returns>
    /// <exception cref="Exception">Whatever a provider of the program throws while it is read.</exception>
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

    /// <summary>What the caller sees of a source: the candidate where it is being validated, else what is published.</summary>
    public SourceValues ValuesOf(int index) => (CandidateScope.ValuesFor(this) ?? _published)[index];

    /// <summary>Code of the program sets a value of a source.</summary>
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

    /// <summary>What code of the program has set of each source since the start, or since this was called to forget it.</summary>
    public SourceValues[] TakeSet(bool forget)
    {
        lock (_gate)
        {
            var set = _set;
            _set = forget ? Nothing(_sources.Count) : [.. set];
            return set;
        }
    }

    /// <summary>Shows these values to the program, all at once.</summary>
    /// <param name="values">One entry for each source; the same instance as before where nothing has changed.</param>
    /// <param name="keepsSet">Whether what the program has set since <see cref="TakeSet"/> forgot it is kept.</param>
    /// <returns>
    /// Whether something has changed since the change tokens were raised last, be it by code of the program. Then call <see cref="Raise(Action{Exception})"/>.
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
            var hasChanged = !AreSame(values, _announced);
            _announced = values;
            return hasChanged;
        }
    }

    /// <summary>Raises the change tokens, of chained configurations first. Callbacks of the program run in here.</summary>
    /// <param name="onError">Called with what they throw.</param>
    public void Raise(Action<Exception> onError)
    {
        foreach (var root in _roots)
        {
            Raise(root, onError);
        }
    }

    /// <summary>Whether code of the program has replaced or added providers since they were taken over.</summary>
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
        for (var i = 0; i < count; i++)
        {
            nothing[i] = SourceValues.Empty;
        }

        return nothing;
    }

    private static bool AreSame(SourceValues[] one, SourceValues[] other)
    {
        for (var i = 0; i < one.Length; i++)
        {
            if (!ReferenceEquals(one[i], other[i]))
            {
                return false;
            }
        }

        return true;
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

        // A chained configuration comes before that which it is a part of: callbacks of the latter see both changed.
        _roots.Add(root);
        replacements.Add(() => ConfigurationInternals.Detach(root));
    }

    private static void Raise(IConfigurationRoot root, Action<Exception> onError)
    {
        _isRaising = true;
        try
        {
            // Its providers are ours, and load nothing: what remains of a reload is the token.
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
