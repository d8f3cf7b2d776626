using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Master;

/// <summary>One reload that somebody wants.</summary>
/// <param name="service">The service to restart; null for all, as the configuration says.</param>
/// <param name="spawn">The one process to reload; null for all.</param>
/// <param name="since">When it was asked for.</param>
internal sealed class ReloadWish(string? service, int? spawn, long since)
{
    public string? Service { get; } = service;

    public int? Spawn { get; } = spawn;

    public long Since { get; } = since;

    /// <summary>Whether somebody asked for it by name, so that it is done although nothing has changed.</summary>
    public bool IsForced { get; set; }

    /// <summary>The activity of who asked first, which the reload then belongs to.</summary>
    public ActivityContext WantedBy { get; } = Activity.Current?.Context ?? default;

    public TaskCompletionSource<ReloadResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>One reload runs at a time, and one of each kind waits; what comes meanwhile joins the one that waits.</summary>
internal sealed class ReloadQueue(TimeProvider clock, Func<ReloadWish, Task<ReloadResult>> run, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly List<ReloadWish> _waiting = [];
    private bool _isRunning;

    public Task<ReloadResult> AddAsync(bool isForced, string? service = null, int? spawn = null)
    {
        lock (_gate)
        {
            var wish = _waiting.Find(w => w.Service == service && w.Spawn == spawn);
            if (wish is null)
            {
                _waiting.Add(wish = new ReloadWish(service, spawn, clock.GetTimestamp()));
            }

            wish.IsForced |= isForced;
            if (!_isRunning)
            {
                _isRunning = true;
                _ = Task.Run(RunAsync);
            }

            return wish.Result.Task;
        }
    }

    private async Task RunAsync()
    {
        while (TryTake(out var wish))
        {
            try
            {
                wish.Result.SetResult(await run(wish).ConfigureAwait(false));
            }
            catch (Exception e)
            {
                // A provider or the logger failed in a way that nobody foresaw; the next reload gets its chance.
                Log.ReloadBroke(logger, e);
                wish.Result.TrySetException(e);
            }
        }
    }

    private bool TryTake(out ReloadWish wish)
    {
        lock (_gate)
        {
            _isRunning = _waiting.Count > 0;
            wish = _isRunning ? _waiting[0] : null!;
            if (_isRunning)
            {
                _waiting.RemoveAt(0);
            }

            return _isRunning;
        }
    }
}
