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
    /// <summary>A change is noticed within this time: a look at the files every three seconds, and two for who writes on and on.</summary>
    private static readonly TimeSpan LongestNotice = TimeSpan.FromSeconds(5);

    /// <summary>The kernel stamps files with the time of its last tick.</summary>
    private static readonly TimeSpan FileTimeError = TimeSpan.FromMilliseconds(4);

    private ReloadQueue? _queue;
    private TimeSpan? _badSince;
    private int _lastSpawn;
    private ConfigurationChanges? _changes;
    private ConfigurationSnapshot _inForce = new(settings.Configuration);
    private volatile IReadOnlyList<string> _errors = [];
    private bool _followsChanges = inForce.ReloadOnChange;

    /// <summary>Called at the begin of a reload that will be seen, and at its end.</summary>
    public Action<bool> OnReloading { get; init; } = _ => { };

    /// <summary>Called with the new settings when they are in force.</summary>
    public Action<EffectiveSettings> OnApplied { get; init; } = _ => { };

    /// <summary>Runs a reload, and looks at what becomes of it.</summary>
    public Func<ReloadWish, Func<ReloadWish, Task<ReloadResult>>, Task<ReloadResult>> Observe { get; init; } =
        (wish, run) => run(wish);

    public required TimeProvider Clock { get; init; }

    /// <summary>What is wrong with the present configuration.</summary>
    public IReadOnlyList<string> Errors => _errors;

    private ReloadQueue Queue =>
        LazyInitializer.EnsureInitialized(ref _queue, () => new ReloadQueue(Clock, wish => Observe(wish, RunAsync), logger));

    private IConfigurationRoot? Root => settings.Configuration as IConfigurationRoot;

    /// <summary>From now on changes of the configuration are followed.</summary>
    public void Watch()
    {
        if (Root is { } root)
        {
            _changes = new ConfigurationChanges(root, Clock, () => _ = Queue.AddAsync(isForced: false));
        }
    }

    /// <summary>Reloads everything, whether it has changed or not.</summary>
    public Task<ReloadResult> ReloadAsync() => Queue.AddAsync(isForced: true);

    public Task<ReloadResult> RestartAsync(string service) => Queue.AddAsync(isForced: true, service);

    /// <summary>Reloads a single worker, unless the configuration is bad.</summary>
    public Task<ReloadResult> ReloadWorkerAsync(int spawn) => Queue.AddAsync(isForced: true, spawn: spawn);

    public void Dispose() => _changes?.Dispose();

    private async Task<ReloadResult> RunAsync(ReloadWish wish)
    {
        if (wish.Service is { } service)
        {
            return Finish(wish, [], await ReloadWorkersAsync(service, ReloadMethod.Restart).ConfigureAwait(false));
        }

        if (wish.Spawn is { } spawn)
        {
            return await ReloadWorkerAsync(wish, spawn).ConfigureAwait(false);
        }

        if (!wish.IsForced && !_followsChanges)
        {
            return Result(ReloadOutcome.Unchanged, wish, []);
        }

        var (candidate, errors) = TryRead();
        _lastSpawn = supervisor.Read((state, _) => state.LastSpawn);
        var now = new ConfigurationSnapshot(Root);
        var changed = errors.Count > 0 ? [] : _inForce.KeysThatDifferFrom(now);
        if (candidate is not null && !wish.IsForced && changed.Count == 0)
        {
            SetErrors([], isNews: false);
            return await TakeBackAsync(wish, ReloadOutcome.Unchanged, changed).ConfigureAwait(false);
        }

        OnReloading(true);
        try
        {
            return candidate is null
                ? Reject(wish, errors)
                : await ApplyAsync(wish, candidate, now, changed).ConfigureAwait(false);
        }
        finally
        {
            OnReloading(false);
        }
    }

    private async Task<ReloadResult> ReloadWorkerAsync(ReloadWish wish, int spawn)
    {
        var (candidate, errors) = TryRead();
        if (candidate is null)
        {
            return Reject(wish, errors);
        }

        if (_errors.Count > 0 || _inForce.KeysThatDifferFrom(new ConfigurationSnapshot(Root)).Count > 0)
        {
            // Read now, and so not heard of as a change any more.
            _ = Queue.AddAsync(isForced: false);
        }

        var services = await ReloadWorkersAsync(null, ReloadMethod.Auto, new(spawn, spawn)).ConfigureAwait(false);
        return Finish(wish, [], services);
    }

    /// <summary>
    /// Workers that were started while the configuration was bad have read it nevertheless, without the checks of the master. They
    /// take the good one, although for the others nothing has changed.
    /// </summary>
    private async Task<ReloadResult> TakeBackAsync(ReloadWish wish, ReloadOutcome outcome, IReadOnlyList<string> changed)
    {
        if (_badSince is not { } badSince)
        {
            return Result(outcome, wish, changed);
        }

        _badSince = null;
        var services = await ReloadWorkersAsync(null, method: null, new(0, _lastSpawn, badSince)).ConfigureAwait(false);
        return services.Count > 0 ? Finish(wish, changed, services) : Result(outcome, wish, changed);
    }

    private (EffectiveSettings? Candidate, IReadOnlyList<string> Errors) TryRead()
    {
        try
        {
            if (_changes is { } changes)
            {
                changes.WhileMuted(() => ConfigurationReload.ReadAgain(Root!));
            }

            var lost = new ConfigurationSnapshot(Root).SectionsLostSince(_inForce).ToList();
            return lost.Count > 0
                ? (null, [.. lost.Select(section => $"The section {section} is gone. To go back to the numbers in code, restart.")])
                : (settings.ReadForThisProcess(), []);
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

    private ReloadResult Reject(ReloadWish wish, IReadOnlyList<string> errors)
    {
        var badFor = NoticedWithin();
        _badSince ??= supervisor.Read((_, now) => now) - badFor;
        SetErrors(errors, isNews: wish.IsForced || !errors.SequenceEqual(_errors));
        return Result(ReloadOutcome.Rejected, wish, [], errors: errors);
    }

    /// <summary>How long ago the configuration became bad: when a file was written last, and no longer than it takes to notice.</summary>
    private TimeSpan NoticedWithin()
    {
        var age = _changes?.LastWrite is { } lastWrite ? Clock.GetUtcNow() - lastWrite - FileTimeError : LongestNotice;
        return TimeSpan.FromTicks(Math.Clamp(age.Ticks, 0, LongestNotice.Ticks));
    }

    private async Task<ReloadResult> ApplyAsync(
        ReloadWish wish, EffectiveSettings candidate, ConfigurationSnapshot now, IReadOnlyList<string> changed)
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
        if (!wish.IsForced && changed.All(ConfigurationSnapshot.IsOfCotyledon))
        {
            Log.SettingsApplied(logger, string.Join(", ", changed));
            return await TakeBackAsync(wish, ReloadOutcome.SettingsApplied, changed).ConfigureAwait(false);
        }

        _badSince = null;

        await hooks.RunAsync(
            nameof(ICotyledonHooks.OnReloadAsync),
            candidate.Supervisor.HookTimeout,
            (hook, ct) => hook.OnReloadAsync(ct)).ConfigureAwait(false);
        return Finish(wish, changed, await ReloadWorkersAsync(service: null, method: null).ConfigureAwait(false));
    }

    private Task<IReadOnlyList<ServiceReload>> ReloadWorkersAsync(
        string? service, ReloadMethod? method, SupervisorMessage.ProcessFilter? of = null)
    {
        var (number, answer) = output.NewReload();
        supervisor.Post(new SupervisorMessage.ReloadRequested(number, service, method, of));
        return answer;
    }

    private ReloadResult Finish(ReloadWish wish, IReadOnlyList<string> changed, IReadOnlyList<ServiceReload> services)
    {
        string[] failures = [.. services.SelectMany(s => s.Failures.Select(f => $"{s.Service}: {f}"))];
        var result = Result(
            failures.Length > 0 ? ReloadOutcome.Failed : ReloadOutcome.Reloaded, wish, changed, services, failures);
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
        ReloadWish wish,
        IReadOnlyList<string> changed,
        IReadOnlyList<ServiceReload>? services = null,
        IReadOnlyList<string>? errors = null) =>
        new(outcome, changed, services ?? [], errors ?? [], Clock.GetElapsedTime(wish.Since));
}
