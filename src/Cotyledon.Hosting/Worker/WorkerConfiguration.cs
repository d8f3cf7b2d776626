using System.Collections.Concurrent;
using Cotyledon.Hosting.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Worker;

/// <summary>The configuration of a worker: what the master has accepted, and what is the worker's own on purpose.</summary>
/// <remarks>
/// The providers that <c>Program.cs</c> has added are disposed of: a worker watches and polls nothing.
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

    /// <param name="configuration">What the program has built.</param>
    /// <param name="updates">What the master has sent, and will send.</param>
    /// <param name="environment">The host's environment, whose file provider the configuration may have made watch files.</param>
    /// <param name="logger">Where the package's own lines go.</param>
    public WorkerConfiguration(
        IConfiguration? configuration, ConcurrentQueue<ConfigurationUpdate> updates, IHostEnvironment? environment, ILogger logger)
    {
        (_updates, _logger) = (updates, logger);
        _accepted = AcceptedConfiguration.TakeOver(configuration, Read);
        _own = _accepted?.Published ?? [];
        foreach (var source in _accepted?.Sources ?? [])
        {
            _providers.Add(source.Origin);
            DisposeOf(source.Origin, environment);
        }
    }

    /// <summary>Takes what the master has sent since the last call. Change tokens are raised once for each update that changes a value.</summary>
    /// <remarks>Callbacks of the program run in here: not to be called on a thread that must not wait.</remarks>
    public void Apply()
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
                if (accepted.Publish(_merge.ToValues(accepted.Published, accepted.TakeSet(forget: false)), keepsSet: false))
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
            // Where the master has the same source, its values come from there.
            Log.ProviderNotRead(_logger, SourceSignature.NameOf(provider), e);
            return SourceValues.Empty;
        }
    }

    private void DisposeOf(IConfigurationProvider provider, IHostEnvironment? environment)
    {
        try
        {
            if (provider is FileConfigurationProvider { Source: { ReloadOnChange: true, FileProvider: PhysicalFileProvider files } })
            {
                // Its watcher, an inotify instance, lives as long as the file provider. The one of the content root is the program's, too.
                if (ReferenceEquals(environment?.ContentRootFileProvider, files))
                {
                    environment.ContentRootFileProvider = new PhysicalFileProvider(files.Root);
                }

                files.Dispose();
            }

            if (provider is not ChainedConfigurationProvider)
            {
                (provider as IDisposable)?.Dispose();
            }
        }
        catch (Exception e)
        {
            // A provider of the program; its values are known.
            Log.ProviderNotDisposed(_logger, SourceSignature.NameOf(provider), e);
        }
    }
}
