using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Master;

/// <summary>
/// Reloads the configuration at run time: a candidate is loaded, validated, compared, published, and applied by the supervisor. One
/// reload runs at a time, and one of each kind waits; requests that come meanwhile join the one that waits.
/// </summary>
internal sealed class ReloadCoordinator(
    MasterSettings settings,
    EffectiveSettings inForce,
    Supervisor supervisor,
    SupervisorOutput output,
    HookRunner hooks,
    ILogger logger) : IDisposable
{
    private readonly MasterConfiguration _configuration = settings.Configuration;
    private ReloadQueue? _queue;
    private ConfigurationEvaluator? _evaluator;
    private ConfigurationWatcher? _watcher;
    private ConfigurationSnapshot _inForce = settings.Configuration.Snapshot();
    private volatile IReadOnlyList<string> _errors = [];
    private bool _followsChanges = inForce.ReloadOnChange;

    /// <summary>Called when a reload that is visible outside begins and ends.</summary>
    public Action<bool> OnReloading { get; init; } = _ => { };

    /// <summary>Called with the new settings when they are in force.</summary>
    public Action<EffectiveSettings> OnApplied { get; init; } = _ => { };

    /// <summary>Runs a reload and observes its outcome.</summary>
    public Func<ReloadRequest, Func<ReloadRequest, Task<ReloadResult>>, Task<ReloadResult>> Observe { get; init; } =
        (request, run) => run(request);

    public required TimeProvider Clock { get; init; }

    /// <summary>What is wrong with the present configuration.</summary>
    public IReadOnlyList<string> Errors => _errors;

    private ReloadQueue Queue =>
        LazyInitializer.EnsureInitialized(ref _queue, () => new ReloadQueue(Clock, request => Observe(request, RunAsync), logger));

    private ConfigurationEvaluator Evaluator => _evaluator ??= new ConfigurationEvaluator(settings, Clock);

    /// <summary>From now on changes of the configuration are followed.</summary>
    public void Watch()
    {
        _watcher = new ConfigurationWatcher(_configuration, Clock, OnSourcesChanged);
        if (_configuration.Accepted is { } accepted)
        {
            accepted.LoadRequested = () => _ = Queue.AddAsync(isForced: false, loadsAll: true);
        }
    }

    /// <summary>Reloads everything, whether it has changed or not.</summary>
    public Task<ReloadResult> ReloadAsync() => Queue.AddAsync(isForced: true);

    public Task<ReloadResult> RestartAsync(string service) => Queue.AddAsync(isForced: true, service);

    /// <summary>Reloads a single worker, and the others too where the configuration turns out to have changed.</summary>
    public Task<ReloadResult> ReloadWorkerAsync(int spawn) => Queue.AddAsync(isForced: true, spawn: spawn);

    public void Dispose() => _watcher?.Dispose();

    private void OnSourcesChanged(ConfigurationChange change)
    {
        if (change.HasFlag(ConfigurationChange.Files))
        {
            // Before the reload: a slot whose process could not read a file must not wait for the others.
            supervisor.Post(new SupervisorMessage.ConfigurationFilesChanged());
        }

        if (change.HasFlag(ConfigurationChange.Followed))
        {
            _ = Queue.AddAsync(isForced: false);
        }
    }

    private async Task<ReloadResult> RunAsync(ReloadRequest request)
    {
        if (request.Service is { } service)
        {
            return Finish(request, [], await ReloadWorkersAsync(service, ReloadMethod.Restart).ConfigureAwait(false));
        }

        if (!request.LoadsAll && !_followsChanges)
        {
            return Result(ReloadOutcome.Unchanged, request, []);
        }

        var evaluated = await Evaluator.EvaluateAsync(request.LoadsAll, _inForce).ConfigureAwait(false);
        var changed = evaluated.Errors.Count > 0 ? [] : _inForce.KeysThatDifferFrom(evaluated.Snapshot);
        if (evaluated.Settings is { } accepted && changed.Count == 0)
        {
            if (!request.IsForced)
            {
                SetErrors([], isNews: false);
                await PublishShadowedAsync(evaluated, accepted).ConfigureAwait(false);
                return Result(ReloadOutcome.Unchanged, request, changed);
            }

            if (request.Spawn is { } spawn)
            {
                SetErrors([], isNews: false);
                return Finish(request, [], await ReloadWorkersAsync(null, ReloadMethod.Auto, spawn).ConfigureAwait(false));
            }
        }

        OnReloading(true);
        try
        {
            return evaluated.Settings is null
                ? Reject(request, evaluated.Errors)
                : await ApplyAsync(request, evaluated, changed).ConfigureAwait(false);
        }
        finally
        {
            OnReloading(false);
        }
    }

    private ReloadResult Reject(ReloadRequest request, IReadOnlyList<string> errors)
    {
        SetErrors(errors, isNews: request.IsForced || !errors.SequenceEqual(_errors));
        return Result(ReloadOutcome.Rejected, request, [], errors: errors);
    }

    private async Task<ReloadResult> ApplyAsync(ReloadRequest request, EvaluatedConfiguration evaluated, IReadOnlyList<string> changed)
    {
        var candidate = evaluated.Settings!;
        var isSettingsOnly = changed.All(ConfigurationSnapshot.IsOfCotyledon) && (!request.IsForced || request.Spawn is not null);
        SetErrors([], isNews: false);
        _inForce = evaluated.Snapshot;
        _followsChanges = candidate.ReloadOnChange;
        var hasChanged = _configuration.Publish(evaluated.Candidate, evaluated.Image!);
        supervisor.Post(new SupervisorMessage.SettingsChanged(candidate.Supervisor, candidate.Services, IsAll: isSettingsOnly));
        OnApplied(candidate);
        await RaiseAsync(hasChanged, candidate.Supervisor.HookTimeout).ConfigureAwait(false);
        settings.Warnings().ToList().ForEach(warning => Log.ConfigurationWarning(logger, warning));
        if (candidate.LogOptions)
        {
            settings.LogOptions(logger, evaluated.Snapshot);
        }

        if (isSettingsOnly)
        {
            Log.SettingsApplied(logger, string.Join(", ", changed));
            return request.Spawn is { } spawn
                ? Finish(request, changed, await ReloadWorkersAsync(null, ReloadMethod.Auto, spawn).ConfigureAwait(false))
                : Result(ReloadOutcome.SettingsApplied, request, changed);
        }

        await hooks.RunAsync(
            nameof(ICotyledonHooks.OnReloadAsync),
            candidate.Supervisor.HookTimeout,
            (hook, cancellationToken) => hook.OnReloadAsync(cancellationToken)).ConfigureAwait(false);
        return Finish(request, changed, await ReloadWorkersAsync(service: null, method: null).ConfigureAwait(false));
    }

    /// <summary>
    /// A value has changed that another source overrides; not so in a worker, perhaps, whose service's environment removes that one.
    /// </summary>
    private async Task PublishShadowedAsync(EvaluatedConfiguration evaluated, EffectiveSettings accepted)
    {
        if (!ReferenceEquals(evaluated.Image, _configuration.Image))
        {
            var hasChanged = _configuration.Publish(evaluated.Candidate, evaluated.Image!);
            supervisor.Post(new SupervisorMessage.SettingsChanged(accepted.Supervisor, accepted.Services, IsAll: true));
            await RaiseAsync(hasChanged, accepted.Supervisor.HookTimeout).ConfigureAwait(false);
        }
    }

    /// <summary>Callbacks for changes are code of the program: one that hangs is not waited for.</summary>
    private async Task RaiseAsync(bool hasChanged, TimeSpan timeout)
    {
        if (!hasChanged || _configuration.Accepted is not { } published)
        {
            return;
        }

        var raising = Task.Run(() => published.Raise(e => Log.ChangeCallbackFailed(logger, e)));
        if (!await PausableTimeout.WaitAsync(raising, timeout, Clock).ConfigureAwait(false))
        {
            Log.ChangeCallbackTimedOut(logger, timeout);
        }
    }

    private Task<SupervisorCommand.CompleteReload> ReloadWorkersAsync(string? service, ReloadMethod? method, int? spawn = null)
    {
        var (number, answer) = output.NewReload();
        supervisor.Post(new SupervisorMessage.ReloadRequested(number, service, method, spawn));
        return answer;
    }

    private ReloadResult Finish(ReloadRequest request, IReadOnlyList<string> changed, SupervisorCommand.CompleteReload answer)
    {
        var services = answer.Services;
        string[] failures = [.. services.SelectMany(s => s.Failures.Select(f => $"{s.Service}: {f}"))];
        if (answer.Error is { } error)
        {
            Log.ReloadAborted(logger, error);
            return Result(ReloadOutcome.Failed, request, changed, services, [error, .. failures]);
        }

        var result = Result(
            failures.Length > 0 ? ReloadOutcome.Failed : ReloadOutcome.Reloaded, request, changed, services, failures);
        var done = string.Join(", ", services.Select(s => $"{s.Service}: {s.Reloaded} in place, {s.Replaced} replaced"));
        if (failures.Length > 0)
        {
            Log.ReloadIncomplete(logger, done, string.Join("; ", failures));
        }
        else
        {
            Log.Reloaded(logger, done.Length > 0 ? done : "no workers", result.Duration);
        }

        return result;
    }

    private void SetErrors(IReadOnlyList<string> errors, bool isNews)
    {
        // Before the log: whoever reads there that something is wrong may ask what.
        var wasBad = _errors.Count > 0;
        _errors = errors;
        if (wasBad != errors.Count > 0)
        {
            supervisor.Post(new SupervisorMessage.ConfigurationChecked(IsGood: wasBad));
        }

        if (isNews)
        {
            Log.ConfigurationRejected(logger, string.Join(" ", errors));
        }
        else if (wasBad && errors.Count == 0)
        {
            Log.ConfigurationGoodAgain(logger);
        }
    }

    private ReloadResult Result(
        ReloadOutcome outcome,
        ReloadRequest request,
        IReadOnlyList<string> changed,
        IReadOnlyList<ServiceReload>? services = null,
        IReadOnlyList<string>? errors = null) =>
        new()
        {
            Outcome = outcome,
            ChangedKeys = changed,
            Services = services ?? [],
            Errors = errors ?? [],
            Duration = Clock.GetElapsedTime(request.Since),
        };
}
