using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>
/// The present problems of a file. Writing outcomes and reading items are retried at increasing intervals; a problem with them is logged
/// when it begins and when it ends. A failed append is not logged: its caller gets an exception.
/// </summary>
internal sealed class FileHealth : IDisposable
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(30);

    /// <summary>An append is not retried, so its problem ends with this time if no other append shows whether it is still present.</summary>
    private static readonly TimeSpan AppendProblemTime = TimeSpan.FromMinutes(1);

    private readonly string _queue;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private TimeSpan _delay = FirstDelay;
    private AppendProblem? _appending;
    private string? _settling;
    private string? _reading;

    public FileHealth(string queue, TimeProvider clock, ILogger logger, Action retry)
    {
        _queue = queue;
        _clock = clock;
        _logger = logger;
        _timer = clock.CreateTimer(_ => retry(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string? Text => Volatile.Read(ref _settling) ?? Volatile.Read(ref _reading) ?? AppendText;

    public bool IsSettling => _settling is not null;

    /// <summary>Sets the problem with storing new items; <see langword="null"/> if they were stored.</summary>
    public void Appending(string? problem) =>
        Volatile.Write(ref _appending, problem is null ? null : new AppendProblem(problem, _clock.GetTimestamp()));

    /// <summary>Sets the problem with storing outcomes; <see langword="null"/> if they were stored.</summary>
    public void Settling(string? problem) => Change(ref _settling, problem);

    /// <summary>Sets the problem with reading items; <see langword="null"/> if they were read.</summary>
    public void Reading(string? problem) => Change(ref _reading, problem);

    public void Dispose() => _timer.Dispose();

    private string? AppendText =>
        Volatile.Read(ref _appending) is { } problem && _clock.GetElapsedTime(problem.Time) < AppendProblemTime ? problem.Text : null;

    private void Change(ref string? place, string? problem)
    {
        if (problem is null && place is null)
        {
            return;
        }

        var before = _settling ?? _reading;
        Volatile.Write(ref place, problem);
        var now = _settling ?? _reading;
        if (problem is not null)
        {
            _timer.Change(_delay, Timeout.InfiniteTimeSpan);
            _delay = _delay * 2 < MaxDelay ? _delay * 2 : MaxDelay;
        }

        if (now is null)
        {
            _delay = FirstDelay;
            Log.StoreWorksAgain(_logger, _queue);
        }
        else if (before is null)
        {
            Log.StoreInTrouble(_logger, _queue, now);
        }
    }

    private sealed record AppendProblem(string Text, long Time);
}
