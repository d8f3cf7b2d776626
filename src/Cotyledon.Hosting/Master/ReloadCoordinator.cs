using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Observability;
using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Master;

/// <summary>
/// Runs reloads and restarts. A reload loads, validates, compares and publishes a candidate, and runs the hooks; the supervisor then applies
/// it to the workers. A restart goes to the supervisor at once. One of them runs at a time; see <see cref="ReloadQueue"/>.
/// </summary>
internal sealed class ReloadCoordinator : IDisposable
{
    private const string FileChange = "file change";

    private readonly MasterSettings _settings;
    private readonly MasterConfiguration _configuration;
    private readonly ShutdownTimeout _shutdownTimeout;
    private readonly Supervisor _supervisor;
    private readonly SupervisorOutput _output;
    private readonly HookRunner _hooks;
    private readonly ILogger _logger;
    private readonly TimeProvider _clock;
    private readonly ReloadQueue _queue;
    private readonly ConfigurationEvaluator _evaluator;
    private ConfigurationWatcher? _watcher;
    private ConfigurationSnapshot _snapshot;
    private volatile EffectiveSettings _inForce;
    private long _applied; // The operation that has set the settings in force.
    private volatile IReadOnlyList<string> _errors = [];

    public ReloadCoordinator(
        MasterSettings settings, EffectiveSettings inForce, Supervisor supervisor, SupervisorOutput output, ReloadDependencies services)
    {
        (_settings, _inForce, _supervisor, _output) = (settings, inForce, supervisor, output);
        (_shutdownTimeout, _hooks, _logger, _clock) = (services.ShutdownTimeout, services.Hooks, services.Logger, services.Clock);
        _configuration = settings.Configuration;
        _snapshot = settings.Configuration.Snapshot();
        _evaluator = new ConfigurationEvaluator(settings, _clock);
        _queue = new ReloadQueue(_clock, request => services.Telemetry.ObserveAsync(request, RunAsync), _logger);
    }

    public EffectiveSettings InForce => _inForce;

    /// <summary>The errors of the last candidate; empty if it was accepted.</summary>
    public IReadOnlyList<string> Errors => _errors;

    public OperationLog Operations => _queue.Operations;

    /// <inheritdoc cref="ICotyledonManager.GetOperations"/>
    public IReadOnlyList<OperationStatus> GetOperations()
    {
        var (request, total) = _supervisor.Read((state, _) => (state.Operation?.Request, state.Operation?.Total ?? 0));
        var operations = Operations.Get(request, total);

        // Without ReloadOnChange, a file change that waits does nothing. The change that has set ReloadOnChange to false is being applied.
        return _inForce.ReloadOnChange
            ? operations
            : [.. operations.Where(o => o.Result is not null || o.RequestedBy is not [FileChange] || o.Id == Volatile.Read(ref _applied))];
    }

    public void Watch()
    {
        _watcher = new ConfigurationWatcher(_configuration, _clock, OnSourcesChanged);
        if (_configuration.Accepted is { } accepted)
        {
            accepted.LoadRequested = () => _ = _queue.AddAsync(new ReloadAction.ReloadServices(), isForced: false, loadsAll: true);
        }
    }

    /// <summary>Reloads the configuration and all services, even if nothing has changed.</summary>
    public Task<ReloadResult> ReloadAsync(string? requestedBy = null) =>
        _queue.AddAsync(new ReloadAction.ReloadServices(), isForced: true, requestedBy: requestedBy);

    public Task<ReloadResult> RestartAsync(string service) => _queue.AddAsync(new ReloadAction.RestartService(service), isForced: true);

    public Task<ReloadResult> RestartAsync(string service, int workerId) =>
        _queue.AddAsync(new ReloadAction.RestartWorker(service, workerId), isForced: true);

    /// <summary>
    /// Reloads one worker as the options of its service say. If settings outside section Cotyledon have changed, all services are reloaded.
    /// </summary>
    public Task<ReloadResult> ReloadWorkerAsync(int spawn)
    {
        var worker = _supervisor.Read((state, _) => state.Processes.GetValueOrDefault(spawn)?.Identity);
        return _queue.AddAsync(
            new ReloadAction.ReloadProcess(spawn, worker?.Service, worker?.WorkerId),
            isForced: true,
            requestedBy: $"worker {worker?.Service}/{worker?.WorkerId}");
    }

    public void Dispose() => _watcher?.Dispose();

    private void OnSourcesChanged(ConfigurationChange change)
    {
        if (change.HasFlag(ConfigurationChange.Files))
        {
            // Before the reload, which may wait for other workers: retries the slots whose processes failed before they had a worker id.
            _supervisor.Post(new SupervisorMessage.ConfigurationFilesChanged());
        }

        if (change.HasFlag(ConfigurationChange.Followed))
        {
            _ = _queue.AddAsync(new ReloadAction.ReloadServices(), isForced: false, requestedBy: FileChange);
        }
    }

    private async Task<ReloadResult> RunAsync(ReloadRequest request)
    {
        if (request.Action.Kind == OperationKind.Restart)
        {
            return await RunOnWorkersAsync(request, request.Action, []).ConfigureAwait(false);
        }

        if (!request.LoadsAll && !_inForce.ReloadOnChange)
        {
            return Result(ReloadOutcome.Unchanged, request, []);
        }

        var evaluated = await _evaluator.EvaluateAsync(request.LoadsAll, _snapshot).ConfigureAwait(false);
        var changed = evaluated.Errors.Count > 0 ? [] : _snapshot.KeysThatDifferFrom(evaluated.Snapshot);
        if (evaluated.Settings is { } accepted && changed.Count == 0)
        {
            if (!request.IsForced)
            {
                SetErrors([], isNews: false);
                await PublishShadowedAsync(evaluated, accepted).ConfigureAwait(false);
                return Result(ReloadOutcome.Unchanged, request, changed);
            }

            if (request.Action is ReloadAction.ReloadProcess)
            {
                SetErrors([], isNews: false);
                return await RunOnWorkersAsync(request, request.Action, []).ConfigureAwait(false);
            }
        }

        _supervisor.Post(new SupervisorMessage.ReloadAnnounced(Begins: true));
        try
        {
            return evaluated.Settings is null
                ? Reject(request, evaluated.Errors)
                : await ApplyAsync(request, evaluated, changed).ConfigureAwait(false);
        }
        finally
        {
            _supervisor.Post(new SupervisorMessage.ReloadAnnounced(Begins: false));
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
        var hasChangedValues = !changed.All(ConfigurationSnapshot.IsOfCotyledon);
        var isSettingsOnly = !hasChangedValues && (!request.IsForced || request.Action is ReloadAction.ReloadProcess);
        SetErrors([], isNews: false);
        _snapshot = evaluated.Snapshot;
        Volatile.Write(ref _applied, request.Id);
        _inForce = candidate;
        var hasChanged = _configuration.Publish(evaluated.Candidate, evaluated.Image!);
        _supervisor.Post(new SupervisorMessage.SettingsChanged(candidate.Supervisor, candidate.Services, isSettingsOnly, hasChangedValues));
        _output.HookTimeout = candidate.Supervisor.HookTimeout;
        _shutdownTimeout.Raise(candidate);
        await RaiseAsync(hasChanged, candidate.Supervisor.HookTimeout).ConfigureAwait(false);
        _settings.Warnings().ToList().ForEach(warning => Log.ConfigurationWarning(_logger, warning));
        if (candidate.LogOptions)
        {
            _settings.LogOptions(_logger, evaluated.Snapshot);
        }

        if (isSettingsOnly)
        {
            Log.SettingsApplied(_logger, string.Join(", ", changed));
            return request.Action is ReloadAction.ReloadProcess
                ? await RunOnWorkersAsync(request, request.Action, changed).ConfigureAwait(false)
                : Result(ReloadOutcome.SettingsApplied, request, changed);
        }

        await _hooks.RunAsync(
            nameof(ICotyledonHooks.OnReloadAsync),
            candidate.Supervisor.HookTimeout,
            (hook, cancellationToken) => hook.OnReloadAsync(cancellationToken)).ConfigureAwait(false);
        return await RunOnWorkersAsync(request, new ReloadAction.ReloadServices(), changed).ConfigureAwait(false);
    }

    /// <summary>
    /// Publishes values that another source overrides here. Workers need them, because the environment of a service may remove that source.
    /// </summary>
    private async Task PublishShadowedAsync(EvaluatedConfiguration evaluated, EffectiveSettings accepted)
    {
        if (!ReferenceEquals(evaluated.Image, _configuration.Image))
        {
            var hasChanged = _configuration.Publish(evaluated.Candidate, evaluated.Image!);
            _supervisor.Post(new SupervisorMessage.SettingsChanged(accepted.Supervisor, accepted.Services, WithoutReload: true));
            await RaiseAsync(hasChanged, accepted.Supervisor.HookTimeout).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Raises the change tokens. Their callbacks are code of the program; if one hangs, the reload continues after the timeout.
    /// </summary>
    private async Task RaiseAsync(bool hasChanged, TimeSpan timeout)
    {
        if (!hasChanged || _configuration.Accepted is not { } published)
        {
            return;
        }

        var raising = Task.Run(() => published.Raise(e => Log.ChangeCallbackFailed(_logger, e)));
        if (!await PausableTimeout.WaitAsync(raising, timeout, _clock).ConfigureAwait(false))
        {
            Log.ChangeCallbackTimedOut(_logger, timeout);
        }
    }

    /// <summary>Lets the supervisor reload or restart the workers, and waits until it has answered.</summary>
    /// <param name="request">The request.</param>
    /// <param name="action">The action, which can concern more workers than the request.</param>
    /// <param name="changed">The changed keys.</param>
    private async Task<ReloadResult> RunOnWorkersAsync(ReloadRequest request, ReloadAction action, IReadOnlyList<string> changed)
    {
        var (number, answer) = _output.NewReload();
        Operations.Run(request.Id, number);
        _supervisor.Post(new SupervisorMessage.ReloadRequested(number, action));
        return Finish(request, changed, await answer.ConfigureAwait(false));
    }

    private ReloadResult Finish(ReloadRequest request, IReadOnlyList<string> changed, SupervisorCommand.CompleteReload answer)
    {
        var services = answer.Services;
        string[] failures = [.. services.SelectMany(s => s.Failures.Select(f => $"{s.Service}: {f}"))];
        if (answer.Error is { } error)
        {
            Log.ReloadAborted(_logger, error);
            return Result(ReloadOutcome.Failed, request, changed, services, [error, .. failures]);
        }

        var result = Result(
            failures.Length > 0 ? ReloadOutcome.Failed : ReloadOutcome.Reloaded, request, changed, services, failures);
        var done = string.Join(", ", services.Select(s => $"{s.Service}: {s.Reloaded} in place, {s.Replaced} replaced"));
        if (failures.Length > 0)
        {
            Log.ReloadIncomplete(_logger, done, string.Join("; ", failures));
        }
        else
        {
            Log.Reloaded(_logger, done.Length > 0 ? done : "no workers", result.Duration);
        }

        return result;
    }

    private void SetErrors(IReadOnlyList<string> errors, bool isNews)
    {
        // Set before the log message, because a reader of the message may request the errors at once.
        var wasBad = _errors.Count > 0;
        _errors = errors;
        if (wasBad != errors.Count > 0)
        {
            _supervisor.Post(new SupervisorMessage.ConfigurationChecked(IsGood: wasBad));
        }

        if (isNews)
        {
            Log.ConfigurationRejected(_logger, string.Join(" ", errors));
        }
        else if (wasBad && errors.Count == 0)
        {
            Log.ConfigurationValid(_logger);
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
            Duration = _clock.GetElapsedTime(request.Since),
        };
}

/// <summary>The services of the program that a reload uses.</summary>
internal sealed record ReloadDependencies(
    HookRunner Hooks, ShutdownTimeout ShutdownTimeout, Telemetry Telemetry, ILogger Logger, TimeProvider Clock);
