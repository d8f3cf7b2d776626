using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Notices that a configuration source may have changed, and reports it when nothing has happened for a moment.</summary>
/// <remarks>
/// It listens to the tokens of the providers and watches their files. It also looks at the files every few seconds, because the
/// watchers of .NET miss the swap of a symbolic link, which is how Kubernetes updates a mounted ConfigMap (dotnet/runtime issue 36091).
/// </remarks>
internal sealed class ConfigurationWatcher : IDisposable
{
    /// <summary>How long nothing must have happened; an editor writes more than once.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200);

    /// <summary>A source that changes all the time is reported nevertheless.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LookDelay = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly Action<bool> _onChanged;
    private readonly List<FileConfigurationProvider> _followed = [];
    private readonly List<FileConfigurationProvider> _others = [];
    private readonly List<IDisposable> _registrations = [];
    private readonly ITimer _quiet;
    private readonly IDisposable? _look;
    private string _seen;
    private string _seenOthers;
    private string? _lastNoticed;
    private long? _firstNotice;
    private bool _isFollowedChange;

    /// <param name="configuration">What is watched.</param>
    /// <param name="clock">For the delays.</param>
    /// <param name="onChanged">
    /// Called on the thread pool; with <see langword="false"/> where only files have changed that the program does not want followed.
    /// </param>
    public ConfigurationWatcher(MasterConfiguration configuration, TimeProvider clock, Action<bool> onChanged)
    {
        (_clock, _onChanged) = (clock, onChanged);
        _quiet = clock.CreateTimer(_ => OnQuiet(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        IConfigurationProvider[] sources = [.. configuration.Accepted?.Sources.Select(s => s.Origin) ?? []];
        foreach (var file in sources.OfType<FileConfigurationProvider>())
        {
            (file.Source.ReloadOnChange ? _followed : _others).Add(file);
        }

        (_seen, _seenOthers) = (LoadedOf(_followed), LoadedOf(_others));
        if (configuration is { Accepted: null, Root: { } foreign })
        {
            _registrations.Add(ChangeToken.OnChange(() => Guard(foreign.GetReloadToken), () => Notice(isFollowed: true)));
        }

        foreach (var source in sources)
        {
            Watch(source);
        }

        if (_followed.Count + _others.Count > 0)
        {
            Look(); // Something may have been written since the files were loaded.
            _look = clock == TimeProvider.System
                ? new Ticker(LookDelay, "cotyledon files", Look)
                : clock.CreateTimer(_ => Look(), null, LookDelay, LookDelay);
        }

        string LoadedOf(IEnumerable<FileConfigurationProvider> files) => string.Join('\n', files.Select(f => configuration.Signatures[f]));
    }

    public void Dispose()
    {
        _registrations.ForEach(r => r.Dispose());
        _quiet.Dispose();
        _look?.Dispose();
    }

    private void Watch(IConfigurationProvider source)
    {
        Func<IChangeToken?> token = source is FileConfigurationProvider { Source: var file }
            ? () => file.FileProvider?.Watch(file.Path ?? "")
            : source.GetReloadToken;
        var isFollowed = source is not FileConfigurationProvider { Source.ReloadOnChange: false };
        _registrations.Add(ChangeToken.OnChange(() => Guard(token), () => Notice(isFollowed)));
    }

    /// <summary>A provider of the program may throw anything. Then only the look at the files, or the next reload, tells.</summary>
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

    private void Look()
    {
        var (now, others) = (FileSignatures.Of(_followed), FileSignatures.Of(_others));
        var (hasChanged, haveOthersChanged) = (now != _seen, others != _seenOthers);
        (_seen, _seenOthers) = (now, others);
        if (hasChanged || haveOthersChanged)
        {
            Notice(hasChanged);
        }
    }

    private void Notice(bool isFollowed)
    {
        var now = FileSignatures.Of(_followed);
        lock (_gate)
        {
            _isFollowedChange |= isFollowed;
            _lastNoticed = now;
            _firstNotice ??= _clock.GetTimestamp();
            var left = LongestWait - _clock.GetElapsedTime(_firstNotice.Value);
            _quiet.Change(left < Quiet ? TimeSpan.FromTicks(Math.Max(left.Ticks, 0)) : Quiet, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnQuiet()
    {
        // The watchers of .NET report every 250 ms at most, so their silence alone does not mean that writing has ended.
        var now = FileSignatures.Of(_followed);
        bool isFollowed;
        lock (_gate)
        {
            var isStillChanging = now != _lastNoticed;
            _lastNoticed = now;
            if (isStillChanging && _firstNotice is { } first && _clock.GetElapsedTime(first) < LongestWait)
            {
                _quiet.Change(Quiet, Timeout.InfiniteTimeSpan);
                return;
            }

            _firstNotice = null;
            (isFollowed, _isFollowedChange) = (_isFollowedChange, false);
        }

        _onChanged(isFollowed);
    }
}
