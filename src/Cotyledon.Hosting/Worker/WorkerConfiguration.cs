using System.Collections.Concurrent;
using Cotyledon.Hosting.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Worker;

/// <summary>The configuration of a worker: the accepted configuration of the master, merged with the worker's own sources.</summary>
/// <remarks>
/// Disposes of the providers that <c>Program.cs</c> has added, so that a worker does not watch files and does not poll.
/// </remarks>
internal sealed class WorkerConfiguration
{
    private readonly Lock _gate = new();
    private readonly ConcurrentQueue<ConfigurationUpdate> _updates;
    private readonly AcceptedConfiguration? _accepted;
    private readonly ILogger _logger;
    private readonly SourceValues[] _own;
    private readonly List<IConfigurationProvider> _providers = [];
    private SourceMerge? _merge;

    /// <summary>Takes over the configuration that the program has built.</summary>
    public WorkerConfiguration(IConfiguration? configuration, ConcurrentQueue<ConfigurationUpdate> updates, ILogger logger)
    {
        (_updates, _logger) = (updates, logger);
        _accepted = AcceptedConfiguration.TakeOver(configuration, Read);
        _own = _accepted?.Published ?? [];
        foreach (var source in _accepted?.Sources ?? [])
        {
            _providers.Add(source.Origin);
            DisposeOf(source.Origin);
        }
    }

    /// <summary>
    /// Takes the updates since the last call. If they are applied, raises change tokens once for each update that changes a value.
    /// </summary>
    /// <remarks>
    /// Calls callbacks of the program, so it must not be called on a thread that must not block. Updates that are not applied are merged
    /// too: later updates are differences to them, and a queue of them would grow.
    /// </remarks>
    public void Take(bool isApplied)
    {
        lock (_gate)
        {
            while (_updates.TryDequeue(out var update))
            {
                if (_accepted is not { } accepted)
                {
                    continue;
                }

                _merge ??= new SourceMerge(_providers, _own);
                _merge.Take(update);
                if (isApplied && accepted.Publish(_merge.ToValues(accepted.Published, accepted.TakeSet(forget: false)), keepsSet: false))
                {
                    accepted.Raise(e => Log.ChangeCallbackFailed(_logger, e));
                }
            }
        }
    }

    private SourceValues Read(IConfigurationProvider provider)
    {
        try
        {
            if (provider is FileConfigurationProvider { Source.ReloadOnChange: true } file)
            {
                ConfigurationInternals.StopWatching(file);
            }

            return SourceReader.Read(provider);
        }
        catch (Exception e)
        {
            // If the master has the same source, the master sends its values.
            Log.ProviderNotRead(_logger, SourceSignature.NameOf(provider), e);
            return SourceValues.Empty;
        }
    }

    private void DisposeOf(IConfigurationProvider provider)
    {
        try
        {
            FileWatchers.Stop(provider);
            if (provider is not ChainedConfigurationProvider)
            {
                (provider as IDisposable)?.Dispose();
            }
        }
        catch (Exception e)
        {
            // The provider is code of the program. Its values were read before.
            Log.ProviderNotDisposed(_logger, SourceSignature.NameOf(provider), e);
        }
    }
}
