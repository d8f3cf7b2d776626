using System.Diagnostics;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.InProcess;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Supervision;
using Cotyledon.Hosting.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Configuration;

/// <summary>All options in force.</summary>
internal sealed record EffectiveSettings(
    SupervisorSettings Supervisor, IReadOnlyList<ServiceSettings> Services, bool ReloadOnChange, bool LogOptions);

/// <summary>The options of the program, checked, as the supervisor takes them.</summary>
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
    private string[] _hostedServicesInWorkers = [];
    private string[] _secretKeys = [];
    private (CotyledonOptions All, List<(string, CotyledonWorkerOptions?)> Each)? _read;

    /// <summary>Whether workers run inside this process. Decided by the first <see cref="ReadForThisProcess"/>.</summary>
    public bool IsInProcess =>
        _startMode == CotyledonMode.InProcess || ForeignHost.Kind == HostProgramKind.TestHost
        || (_startMode == CotyledonMode.Auto && DotnetWatch.IsRunning);

    /// <summary>Why <see cref="IsInProcess"/> holds.</summary>
    public string WhyInProcess =>
        ForeignHost.Kind != HostProgramKind.Application ? $"the program is {ForeignHost.Name}"
        : _startMode == CotyledonMode.InProcess ? "Cotyledon:Mode says so"
        : "the program is run by dotnet watch";

    /// <exception cref="OptionsValidationException">Something is wrong; all that is wrong stands in it.</exception>
    public EffectiveSettings Read()
    {
        var failures = new List<string>();
        var all = Try(() => options.Create(Options.DefaultName), failures);
        var each = _names.Select(name => (name, Try(() => workerOptions.Create(name), failures))).ToList();
        foreach (var other in others)
        {
            Try(other.Check, failures);
        }

        if (failures.Count == 0)
        {
            Try(() => services.GetService<IStartupValidator>()?.Validate(), failures);
        }

        if (failures.Count > 0)
        {
            throw new OptionsValidationException(CotyledonOptions.SectionName, typeof(CotyledonOptions), failures);
        }

        _mode = all!.Mode;
        _hostedServicesInWorkers = [.. all.HostedServicesInWorkers];
        _secretKeys = [.. all.SecretKeys];
        _read = (all!, each);
        var maxStarts = all.MaxConcurrentStarts ?? (2 * Environment.ProcessorCount);
        return new EffectiveSettings(
            new SupervisorSettings(all.HookTimeout, maxStarts) { SpareWorkers = all.SpareWorkers },
            [.. each.Select(service => ToSettings(service.name, service.Item2!, all))],
            all.ReloadOnChange,
            all.LogOptions);
    }

    /// <summary>The same, less what cannot be where workers run inside this process.</summary>
    /// <exception cref="OptionsValidationException">Something is wrong; all that is wrong stands in it.</exception>
    public EffectiveSettings ReadForThisProcess()
    {
        var settings = Read();
        _startMode ??= _mode;
        return IsInProcess ? InProcessSettings.From(settings, Debugger.IsAttached) : settings;
    }

    /// <summary>What stands in the configuration and has no effect, as of the last <see cref="Read"/>.</summary>
    public IEnumerable<string> Warnings() =>
    [
        .. configuration.Root is { } root ? UnknownKeys.In(root, _names) : [],
        .. configuration.Warnings(),
        .. (_startMode ?? _mode) == _mode ? [] : new[] { $"{CotyledonOptions.SectionName}:{nameof(CotyledonOptions.Mode)} is {_mode} now; "
            + $"until the program is started again it remains {_startMode}." },
        .. IsInProcess || !DotnetWatch.IsRunning ? [] : new[] { DotnetWatch.Warning },
        .. services.GetRequiredService<HostedServiceTypes>().Warnings(_hostedServicesInWorkers),
        .. others.SelectMany(o => o.Warnings()),
    ];

    /// <summary>Logs the configuration, with the options as of the last <see cref="Read"/>.</summary>
    /// <param name="logger">Where it goes.</param>
    /// <param name="snapshot">The values of the configuration.</param>
    public void LogOptions(ILogger logger, ConfigurationSnapshot snapshot) =>
        OptionsLog.Write(logger, configuration.Root, snapshot, Effective, _secretKeys);

    /// <summary>Where the options are read from.</summary>
    public MasterConfiguration Configuration => configuration;

    /// <summary>The service's name as it was registered.</summary>
    /// <exception cref="ArgumentException">There is no such service.</exception>
    public string FindService(string name) =>
        _names.FirstOrDefault(n => n.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException(
            $"No service '{name}' is registered, only {string.Join(", ", _names)}.", nameof(name));

    private IEnumerable<KeyValuePair<string, string>> Effective()
    {
        if (_read is not var (all, each))
        {
            return [];
        }

        var setup = services.GetRequiredService<CotyledonWorkerOptionsSetup>();
        return services.GetRequiredService<CotyledonOptionsSetup>().EffectiveOf(all).Concat(each.SelectMany(service => setup.EffectiveOf(service.Item2!)));
    }

    private static T? Try<T>(Func<T> create, List<string> failures) where T : class
    {
        try
        {
            return create();
        }
        catch (OptionsValidationException e)
        {
            failures.AddRange(e.Failures);
            return null;
        }
        catch (AggregateException e) when (e.InnerExceptions.All(i => i is OptionsValidationException))
        {
            // How several kinds of options of a program fail.
            failures.AddRange(e.InnerExceptions.Cast<OptionsValidationException>().SelectMany(i => i.Failures));
            return null;
        }
    }

    private static void Try(Action check, List<string> failures) => Try<object>(
        () =>
        {
            check();
            return check;
        },
        failures);

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
        Start = new StartSettings(new Dictionary<string, string?>(worker.Environment), worker.Nice),
    };
}
