using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Master;

/// <summary>
/// The one owner of the configuration at run time: reloads, checks, compares, and has the supervisor apply it. One reload runs at
/// a time, and one of each kind waits; what comes meanwhile joins the one that waits.
/// </summary>
internal sealed class ReloadCoordinator(
    MasterSettings settings,
    EffectiveSettings inForce,
    Supervisor supervisor,
    SupervisorOutput output,
    HookRunner hooks,
    ILogger logger) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Waiting> _queue = [];
    private ConfigurationChanges? _changes;
    private ConfigurationSnapshot _inForce = new(settings.Configuration);
    private volatile IReadOnlyList<string> _errors = [];
    private bool _followsChanges = inForce.ReloadOnChange;
    private bool _isRunning;

    /// <summary>Called at the begin of a reload that will be seen, and at its end.</summary>
    public Action<bool> OnReloading { get; init; } = _ => { };

    /// <summary>Called with the new settings when they are in force.</summary>
    public Action<EffectiveSettings> OnApplied { get; init; } = _ => { };

    public required TimeProvider Clock { get; init; }

    /// <summary>What is wrong with the present configuration.</summary>
    public IReadOnlyList<string> Errors => _errors;

    private IConfigurationRoot? Root => settings.Configuration as IConfigurationRoot;

    /// <summary>From now on changes of the configuration are followed.</summary>
    public void Watch()
    {
        if (Root is { } root)
        {
            _changes = new ConfigurationChanges(root, Clock, () => _ = EnqueueAsync(service: null, isForced: false));
        }
    }

    /// <summary>Reloads everything, whether it has changed or not.</summary>
    public Task<ReloadResult> ReloadAsync() => EnqueueAsync(service: null, isForced: true);

    public Task<ReloadResult> RestartAsync(string service) => EnqueueAsync(service, isForced: true);

    public void Dispose() => _changes?.Dispose();

    private Task<ReloadResult> EnqueueAsync(string? service, bool isForced)
    {
        lock (_gate)
        {
            var waiting = _queue.Find(w => w.Service == service);
            if (waiting is null)
            {
                _queue.Add(waiting = new Waiting(service, Clock.GetTimestamp()));
            }

            waiting.IsForced |= isForced;
            if (!_isRunning)
            {
                _isRunning = true;
                _ = Task.Run(RunQueueAsync);
            }

            return waiting.Result.Task;
        }
    }

    private async Task RunQueueAsync()
    {
        while (TryTake(out var waiting))
        {
            try
            {
                waiting.Result.SetResult(await RunAsync(waiting).ConfigureAwait(false));
            }
            catch (Exception e)
            {
                // A provider or the logger failed in a way that nobody foresaw; the next reload gets its chance.
                Log.ReloadBroke(logger, e);
                waiting.Result.TrySetException(e);
            }
        }
    }

    private bool TryTake(out Waiting waiting)
    {
        lock (_gate)
        {
            _isRunning = _queue.Count > 0;
            waiting = _isRunning ? _queue[0] : null!;
            if (_isRunning)
            {
                _queue.RemoveAt(0);
            }

            return _isRunning;
        }
    }

    private async Task<ReloadResult> RunAsync(Waiting waiting)
    {
        if (waiting.Service is { } service)
        {
            return Finish(waiting, [], await ReloadWorkersAsync(service, ReloadMethod.Restart).ConfigureAwait(false));
        }

        if (!waiting.IsForced && !_followsChanges)
        {
            return Result(ReloadOutcome.Unchanged, waiting, []);
        }

        var (candidate, errors) = TryRead();
        var now = new ConfigurationSnapshot(Root);
        var changed = errors.Count > 0 ? [] : _inForce.KeysThatDifferFrom(now);
        if (candidate is not null && !waiting.IsForced && changed.Count == 0)
        {
            SetErrors([], isNews: false);
            return Result(ReloadOutcome.Unchanged, waiting, changed);
        }

        OnReloading(true);
        try
        {
            return candidate is null
                ? Reject(waiting, errors)
                : await ApplyAsync(waiting, candidate, now, changed).ConfigureAwait(false);
        }
        finally
        {
            OnReloading(false);
        }
    }

    private (EffectiveSettings? Candidate, IReadOnlyList<string> Errors) TryRead()
    {
        try
        {
            if (_changes is { } changes)
            {
                changes.WhileMuted(() => Root?.Reload());
            }

            var lost = new ConfigurationSnapshot(Root).SectionsLostSince(_inForce).ToList();
            return lost.Count > 0
                ? (null, [.. lost.Select(section => $"The section {section} is gone. To go back to the numbers in code, restart.")])
                : (settings.Read(), []);
        }
        catch (OptionsValidationException e)
        {
            return (null, [.. e.Failures]);
        }
        catch (Exception e)
        {
            // Whatever a provider throws: a file cut in half, a server that is away.
            return (null, [e.InnerException is null ? e.Message : $"{e.Message} {e.GetBaseException().Message}"]);
        }
    }

    private ReloadResult Reject(Waiting waiting, IReadOnlyList<string> errors)
    {
        SetErrors(errors, isNews: waiting.IsForced || !errors.SequenceEqual(_errors));
        return Result(ReloadOutcome.Rejected, waiting, [], errors: errors);
    }

    private async Task<ReloadResult> ApplyAsync(
        Waiting waiting, EffectiveSettings candidate, ConfigurationSnapshot now, IReadOnlyList<string> changed)
    {
        SetErrors([], isNews: false);
        _inForce = now;
        _followsChanges = candidate.ReloadOnChange;
        settings.Warnings().ToList().ForEach(warning => Log.ConfigurationWarning(logger, warning));
        if (candidate.LogOptions)
        {
            OptionsLog.Write(logger, Root);
        }

        supervisor.Post(new SupervisorMessage.SettingsChanged(candidate.Supervisor, candidate.Services));
        OnApplied(candidate);
        if (!waiting.IsForced && changed.All(ConfigurationSnapshot.IsOfCotyledon))
        {
            Log.SettingsApplied(logger, string.Join(", ", changed));
            return Result(ReloadOutcome.SettingsApplied, waiting, changed);
        }

        await hooks.RunAsync(
            nameof(ICotyledonHooks.OnReloadAsync),
            candidate.Supervisor.HookTimeout,
            (hook, ct) => hook.OnReloadAsync(ct)).ConfigureAwait(false);
        return Finish(waiting, changed, await ReloadWorkersAsync(service: null, method: null).ConfigureAwait(false));
    }

    private Task<IReadOnlyList<ServiceReload>> ReloadWorkersAsync(string? service, ReloadMethod? method)
    {
        var (number, answer) = output.NewReload();
        supervisor.Post(new SupervisorMessage.ReloadRequested(number, service, method));
        return answer;
    }

    private ReloadResult Finish(Waiting waiting, IReadOnlyList<string> changed, IReadOnlyList<ServiceReload> services)
    {
        string[] failures = [.. services.SelectMany(s => s.Failures.Select(f => $"{s.Service}: {f}"))];
        var result = Result(
            failures.Length > 0 ? ReloadOutcome.Failed : ReloadOutcome.Reloaded, waiting, changed, services, failures);
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
        Waiting waiting,
        IReadOnlyList<string> changed,
        IReadOnlyList<ServiceReload>? services = null,
        IReadOnlyList<string>? errors = null) =>
        new(outcome, changed, services ?? [], errors ?? [], Clock.GetElapsedTime(waiting.Since));

    private sealed class Waiting(string? service, long since)
    {
        public string? Service { get; } = service;

        public long Since { get; } = since;

        public bool IsForced { get; set; }

        public TaskCompletionSource<ReloadResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
