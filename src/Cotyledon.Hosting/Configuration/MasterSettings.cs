using System.Diagnostics;
using Cotyledon.Hosting.Cluster;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.HostProgram;
using Cotyledon.Hosting.InProcess;
using Cotyledon.Hosting.Supervision;
using Cotyledon.Hosting.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Configuration;

/// <summary>All effective options.</summary>
internal sealed record EffectiveSettings(
    SupervisorSettings Supervisor, IReadOnlyList<ServiceSettings> Services, bool ReloadOnChange, bool LogOptions)
{
    public ControlSettings Control { get; init; } = ControlSettings.Disabled;

    /// <summary>The settings of the cluster; <see langword="null"/> if no service needs them.</summary>
    public ClusterSettings? Cluster { get; init; }
}

/// <summary>Reads and checks the options of the program, and converts them for the supervisor.</summary>
internal sealed class MasterSettings(
    IServiceProvider services,
    MasterConfiguration configuration,
    IEnumerable<WorkerRegistration> registrations,
    IOptionsFactory<CotyledonOptions> options,
    IOptionsFactory<CotyledonWorkerOptions> workerOptions,
    IEnumerable<IConfigurationCheck> others)
{
    private readonly string[] _names = [.. registrations.Select(r => r.Name)];
    private CotyledonMode? _startMode;
    private CotyledonMode _mode;
    private ControlSettings? _startControl;
    private ControlSettings _control = ControlSettings.Disabled;
    private readonly ClusterScopes _scopes = new(services);
    private string[] _hostedServicesInWorkers = [];
    private string[] _secretKeys = [];
    private (CotyledonOptions All, List<(string Name, CotyledonWorkerOptions Options)> Each)? _read;

    /// <summary>Whether workers run in this process. Determined by the first <see cref="ReadForThisProcess"/>.</summary>
    public bool IsInProcess { get; private set; }

    public string WhyInProcess =>
        ForeignHost.Kind != HostProgramKind.Application ? $"the program is run by {ForeignHost.Name}"
        : _startMode == CotyledonMode.InProcess ? "Cotyledon:Mode is InProcess"
        : "the program is run by dotnet watch";

    /// <summary>Reads and checks the options.</summary>
    /// <exception cref="OptionsValidationException">Options are invalid. It contains all failures.</exception>
    public EffectiveSettings Read()
    {
        var failures = new List<string>();
        CotyledonOptions? all = null;
        Try(() => all = options.Create(Options.DefaultName), failures);
        var each = new List<(string Name, CotyledonWorkerOptions Options)>();
        foreach (var name in _names)
        {
            Try(() => each.Add((name, workerOptions.Create(name))), failures);
        }

        foreach (var other in others)
        {
            Try(other.Check, failures);
        }

        if (failures.Count == 0)
        {
            Try(() => services.GetService<IStartupValidator>()?.Validate(), failures);
        }

        if (failures.Count == 0)
        {
            failures.AddRange(_scopes.Check(all!.Cluster, each));
        }

        if (failures.Count > 0)
        {
            throw new OptionsValidationException(CotyledonOptions.SectionName, typeof(CotyledonOptions), failures);
        }

        _mode = all!.Mode;
        _control = ControlSettings.From(all.Control);
        _hostedServicesInWorkers = [.. all.HostedServicesInWorkers];
        _secretKeys = [.. all.SecretKeys];
        _read = (all, each);
        var maxStarts = all.MaxConcurrentStarts ?? (2 * Environment.ProcessorCount);
        return new EffectiveSettings(
            new SupervisorSettings(all.HookTimeout, maxStarts) { SpareWorkers = all.SpareWorkers },
            [.. each.Select(service => ToSettings(service.Name, service.Options, all) with { Scope = _scopes.Of(service.Name) })],
            all.ReloadOnChange,
            all.LogOptions)
        {
            Control = _control,
            Cluster = _scopes.Settings,
        };
    }

    /// <summary>Reads and checks the options, and adjusts them if workers run in this process.</summary>
    /// <exception cref="OptionsValidationException">Options are invalid. It contains all failures.</exception>
    public EffectiveSettings ReadForThisProcess()
    {
        var settings = Read();
        if (_startMode is null)
        {
            _scopes.IsFixed = true;
            (_startMode, _startControl) = (_mode, _control);
            IsInProcess = _mode == CotyledonMode.InProcess || ForeignHost.Kind == HostProgramKind.TestHost
                || (_mode == CotyledonMode.Auto && DotnetWatch.IsRunning);
        }

        if (IsInProcess && _startMode == CotyledonMode.InProcess && _scopes.InProcessError is { } error)
        {
            throw new OptionsValidationException(CotyledonOptions.SectionName, typeof(CotyledonOptions), [error]);
        }

        return IsInProcess ? InProcessSettings.From(settings, Debugger.IsAttached) : settings;
    }

    /// <summary>Returns warnings about settings that have no effect, as of the last <see cref="Read"/>.</summary>
    public IEnumerable<string> Warnings() =>
    [
        .. configuration.Root is { } root ? UnknownKeys.In(root, _names) : [],
        .. configuration.Warnings(),
        .. (_startMode ?? _mode) == _mode ? [] : new[] { $"{CotyledonOptions.SectionName}:{nameof(CotyledonOptions.Mode)} has changed to "
            + $"{_mode}; {_startMode} stays in use until the program is restarted." },
        .. (_startControl ?? _control) == _control ? [] : new[] { $"{CotyledonOptionsSetup.ControlSection} has changed; the control endpoint "
            + "uses the old settings until the program is restarted." },
        .. _scopes.Warnings(IsInProcess),
        .. IsInProcess || !DotnetWatch.IsRunning ? [] : new[] { DotnetWatch.Warning },
        .. services.GetRequiredService<HostedServiceTypes>().Warnings(_hostedServicesInWorkers),
        .. others.SelectMany(o => o.Warnings()),
    ];

    /// <summary>Logs the start of the supervisor, and the configuration if it is to be logged.</summary>
    public void LogStart(ILogger logger, EffectiveSettings inForce)
    {
        Log.SupervisorStarted(logger, string.Join(", ", inForce.Services.Select(s => $"{s.Name} x {s.Workers}")), Environment.ProcessId);
        if (inForce.LogOptions)
        {
            LogOptions(logger, Configuration.Snapshot());
        }

        if (IsInProcess)
        {
            Log.InProcess(logger, WhyInProcess);
        }
    }

    /// <summary>Logs the configuration, with the options as of the last <see cref="Read"/>.</summary>
    public void LogOptions(ILogger logger, ConfigurationSnapshot snapshot) =>
        OptionsLog.Write(logger, configuration.Root, snapshot, Effective, _secretKeys);

    public MasterConfiguration Configuration => configuration;

    /// <summary>Returns the name of a service as it was registered.</summary>
    /// <exception cref="ArgumentException">No service of this name is registered.</exception>
    public string FindService(string name) =>
        _names.FirstOrDefault(n => n.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException(
            $"No service '{name}' is registered. Registered services: {string.Join(", ", _names)}.", nameof(name));

    private IEnumerable<KeyValuePair<string, string>> Effective()
    {
        if (_read is not var (all, each))
        {
            return [];
        }

        var setup = services.GetRequiredService<CotyledonWorkerOptionsSetup>();
        return services.GetRequiredService<CotyledonOptionsSetup>().EffectiveOf(all).Concat(each.SelectMany(service => setup.EffectiveOf(service.Options)));
    }

    private static void Try(Action check, List<string> failures)
    {
        try
        {
            check();
        }
        catch (OptionsValidationException e)
        {
            failures.AddRange(e.Failures);
        }
        catch (AggregateException e) when (e.InnerExceptions.All(i => i is OptionsValidationException))
        {
            // Thrown if several option types of the program are invalid.
            failures.AddRange(e.InnerExceptions.Cast<OptionsValidationException>().SelectMany(i => i.Failures));
        }
    }

    private static ServiceSettings ToSettings(string name, CotyledonWorkerOptions worker, CotyledonOptions all) => new()
    {
        Name = name,
        Workers = worker.Workers,
        GracefulTimeout = worker.GracefulShutdownTimeout ?? all.GracefulShutdownTimeout,
        ReadyTimeout = worker.ReadyTimeout,
        WaitForMarkReady = worker.WaitForMarkReady,
        MaxUnavailable = worker.MaxUnavailable,
        Backoff = new Backoff(worker.RestartBackoff, worker.MaxRestartBackoff),
        StableAfter = worker.StableAfter,
        MaxRestarts = worker.MaxRestarts,
        MaxRestartsWindow = worker.MaxRestartsWindow,
        OnGiveUp = worker.OnGiveUp,
        ReloadMethod = worker.ReloadMethod,
        LivenessTimeout = worker.LivenessTimeout ?? Timeout.InfiniteTimeSpan,
        MaxAge = worker.MaxAge,
        MaxMemory = worker.MaxMemory,
        MaxWorkersHere = worker.MaxWorkersHere,
        Start = new StartSettings(new Dictionary<string, string?>(worker.Environment), worker.Nice),
    };
}
