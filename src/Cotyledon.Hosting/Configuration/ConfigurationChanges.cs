using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Notices that the configuration may have changed, and says so when it has been quiet for a moment.</summary>
/// <remarks>
/// Three ears: the reload token of the configuration; the error of a file that could not be loaded, after which the token stays
/// silent; and a look at the files every few seconds, because the watchers of .NET miss the swap of a symbolic link, which is how
/// Kubernetes updates a mounted ConfigMap (dotnet/runtime issue 36091).
/// </remarks>
internal sealed class ConfigurationChanges : IDisposable
{
    /// <summary>How long nothing must have happened; an editor writes more than once.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200);

    /// <summary>Somebody who writes all the time is heard nevertheless.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LookDelay = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly Action _onChanged;
    private readonly List<FileConfigurationProvider> _files = [];
    private readonly IDisposable _token;
    private readonly ITimer _quiet;
    private readonly IDisposable? _look;
    private string _seen;
    private string? _lastNoticed;
    private long? _firstNotice;
    private bool _isMuted;

    public ConfigurationChanges(IConfigurationRoot configuration, TimeProvider clock, Action onChanged)
    {
        _clock = clock;
        _onChanged = onChanged;
        _quiet = clock.CreateTimer(_ => OnQuiet(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        CollectFiles(configuration);
        _seen = FileSignatures.Of(_files);
        _token = ChangeToken.OnChange(configuration.GetReloadToken, Notice);
        if (_files.Count > 0)
        {
            _look = clock == TimeProvider.System
                ? new Ticker(LookDelay, "cotyledon files", Look)
                : clock.CreateTimer(_ => Look(), null, LookDelay, LookDelay);
        }
    }

    /// <summary>When the newest of the files was written, by the wall clock; null where there are none.</summary>
    public DateTimeOffset? LastWrite => FileSignatures.LastWriteOf(_files);

    /// <summary>Runs something that loads the configuration without hearing that as a change.</summary>
    public void WhileMuted(Action action)
    {
        lock (_gate)
        {
            _isMuted = true;
        }

        try
        {
            _seen = FileSignatures.Of(_files);
            action();
        }
        finally
        {
            lock (_gate)
            {
                _isMuted = false;
            }
        }
    }

    public void Dispose()
    {
        _token.Dispose();
        _quiet.Dispose();
        _look?.Dispose();
    }

    private void CollectFiles(IConfigurationRoot root)
    {
        foreach (var provider in root.Providers)
        {
            if (provider is FileConfigurationProvider { Source.ReloadOnChange: true } file)
            {
                _files.Add(file);
                var before = file.Source.OnLoadException;
                file.Source.OnLoadException = context =>
                {
                    before?.Invoke(context);
                    Notice();
                };
            }
            else if (provider is ChainedConfigurationProvider { Configuration: IConfigurationRoot chained })
            {
                CollectFiles(chained);
            }
        }
    }

    private void Look()
    {
        lock (_gate)
        {
            if (_isMuted)
            {
                // Not heard now, so not to be taken for seen: the next look finds it.
                return;
            }
        }

        var now = FileSignatures.Of(_files);
        if (now != _seen)
        {
            _seen = now;
            Notice();
        }
    }

    private void Notice()
    {
        var now = FileSignatures.Of(_files);
        lock (_gate)
        {
            if (_isMuted)
            {
                return;
            }

            _lastNoticed = now;
            _firstNotice ??= _clock.GetTimestamp();
            var left = LongestWait - _clock.GetElapsedTime(_firstNotice.Value);
            _quiet.Change(left < Quiet ? TimeSpan.FromTicks(Math.Max(left.Ticks, 0)) : Quiet, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnQuiet()
    {
        // The watchers of .NET speak up every 250 ms at most, so their silence alone does not mean that nobody writes.
        var now = FileSignatures.Of(_files);
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
        }

        _onChanged();
    }
}
