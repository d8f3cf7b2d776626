using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Specifies the kind of a change.</summary>
[Flags]
internal enum ConfigurationChange
{
    None = 0,

    /// <summary>A source that the master follows may have new values.</summary>
    Followed = 1,

    /// <summary>A file has changed, followed or not, so a new process reads other values than before.</summary>
    Files = 2,
}

/// <summary>Detects that a configuration source may have changed, and reports it after a short time without further changes.</summary>
/// <remarks>
/// It listens to the change tokens of the providers and watches their files. It also checks the files every few seconds, because the file
/// watchers of .NET miss the swap of a symbolic link, which is how Kubernetes updates a mounted ConfigMap (dotnet/runtime issue 36091).
/// </remarks>
internal sealed class ConfigurationWatcher : IDisposable
{
    /// <summary>The time between two checks of the files.</summary>
    internal static readonly TimeSpan CheckDelay = TimeSpan.FromSeconds(5);

    /// <summary>The time without changes before a change is reported, because an editor may write a file more than once.</summary>
    private static readonly TimeSpan QuietPeriod = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest delay of a report, in case a source changes all the time.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly LoadedFiles _loaded;
    private readonly Action<ConfigurationChange> _onChanged;
    private readonly List<FileConfigurationProvider> _followed = [];
    private readonly List<FileConfigurationProvider> _others = [];
    private readonly List<IDisposable> _registrations = [];
    private readonly ITimer _quiet;
    private readonly IDisposable? _look;
    private string _seen;
    private string _seenOthers;
    private string _reported;
    private string? _lastNoticed;
    private long? _firstNotice;
    private ConfigurationChange _change;

    /// <summary>Begins to watch. <paramref name="onChanged"/> is called on a thread pool thread for each change.</summary>
    public ConfigurationWatcher(MasterConfiguration configuration, TimeProvider clock, Action<ConfigurationChange> onChanged)
    {
        (_loaded, _clock, _onChanged) = (configuration.Files, clock, onChanged);
        _quiet = clock.CreateTimer(_ => OnQuiet(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        IConfigurationProvider[] sources = [.. configuration.Accepted?.Sources.Select(s => s.Origin) ?? []];
        foreach (var file in sources.OfType<FileConfigurationProvider>())
        {
            (file.Source.ReloadOnChange ? _followed : _others).Add(file);
        }

        (_seen, _seenOthers) = (LoadedOf(_followed), LoadedOf(_others));
        _reported = $"{_seen}\n{_seenOthers}";
        if (configuration is { Accepted: null, Root: { } foreign })
        {
            _registrations.Add(ChangeToken.OnChange(() => Guard(foreign.GetReloadToken), () => Notice(ConfigurationChange.Followed)));
        }

        foreach (var source in sources)
        {
            Watch(source);
        }

        if (_followed.Count + _others.Count > 0)
        {
            CheckFiles(); // A file may have changed since it was loaded.
            _look = clock == TimeProvider.System
                ? new PeriodicThread(CheckDelay, "cotyledon files", CheckFiles)
                : clock.CreateTimer(_ => CheckFiles(), null, CheckDelay, CheckDelay);
        }
    }

    public void Dispose()
    {
        _registrations.ForEach(r => r.Dispose());
        _quiet.Dispose();
        _look?.Dispose();
    }

    private string LoadedOf(IEnumerable<FileConfigurationProvider> files) => string.Join('\n', files.Select(_loaded.SignatureOf));

    private void Watch(IConfigurationProvider source)
    {
        Func<IChangeToken?> token = source is FileConfigurationProvider { Source: var file }
            ? () => file.FileProvider?.Watch(file.Path ?? "")
            : source.GetReloadToken;
        // A file that is not followed causes no reload. OnQuiet notices it, because a process that could not start may start now.
        var change = source is FileConfigurationProvider { Source.ReloadOnChange: false } ? ConfigurationChange.None : ConfigurationChange.Followed;
        _registrations.Add(ChangeToken.OnChange(() => Guard(token), () => Notice(change)));
    }

    /// <summary>Catches exceptions of providers. Their changes are then detected only by the file check or the next reload.</summary>
    private static IChangeToken? Guard(Func<IChangeToken?> token)
    {
        try
        {
            return token();
        }
        catch (Exception)
        {
            return null;
        }
    }

    private void CheckFiles()
    {
        var (now, others) = (FileSignatures.Of(_followed), FileSignatures.Of(_others));
        var (hasChanged, haveOthersChanged) = (now != _seen, others != _seenOthers);
        (_seen, _seenOthers) = (now, others);
        if (hasChanged || haveOthersChanged)
        {
            Notice(hasChanged ? ConfigurationChange.Followed : ConfigurationChange.None);
        }
    }

    private void Notice(ConfigurationChange change)
    {
        var now = FileSignatures.Of(_followed);
        lock (_gate)
        {
            _change |= change;
            _lastNoticed = now;
            _firstNotice ??= _clock.GetTimestamp();
            var left = LongestWait - _clock.GetElapsedTime(_firstNotice.Value);
            _quiet.Change(left < QuietPeriod ? TimeSpan.FromTicks(Math.Max(left.Ticks, 0)) : QuietPeriod, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnQuiet()
    {
        // The file watchers of .NET may report only every 250 ms, so the files must be checked to know that writing has ended.
        var now = FileSignatures.Of(_followed);
        var all = $"{now}\n{FileSignatures.Of(_others)}";
        ConfigurationChange change;
        lock (_gate)
        {
            var isStillChanging = now != _lastNoticed;
            _lastNoticed = now;
            if (isStillChanging && _firstNotice is { } first && _clock.GetElapsedTime(first) < LongestWait)
            {
                _quiet.Change(QuietPeriod, Timeout.InfiniteTimeSpan);
                return;
            }

            _firstNotice = null;
            change = _change | (all != _reported ? ConfigurationChange.Files : ConfigurationChange.None);
            (_change, _reported) = (ConfigurationChange.None, all);
        }

        if (change != ConfigurationChange.None)
        {
            _onChanged(change);
        }
    }
}
