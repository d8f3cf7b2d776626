using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Master;

/// <summary>A request for a reload or a rolling restart.</summary>
/// <param name="service">The service to restart; null for all, as the configuration says.</param>
/// <param name="spawn">The one process to reload; null for all.</param>
/// <param name="since">When it was made.</param>
internal sealed class ReloadRequest(string? service, int? spawn, long since)
{
    public string? Service { get; } = service;

    public int? Spawn { get; } = spawn;

    public long Since { get; } = since;

    /// <summary>Whether services are reloaded although nothing has changed.</summary>
    public bool IsForced { get; set; }

    /// <summary>Whether every source is loaded, or only those whose changes are followed.</summary>
    public bool LoadsAll { get; set; }

    /// <summary>The activity of the first caller, which the reload then belongs to.</summary>
    public ActivityContext RequestedBy { get; } = Activity.Current?.Context ?? default;

    public TaskCompletionSource<ReloadResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>One reload runs at a time, and one of each kind waits; requests that come meanwhile join the one that waits.</summary>
internal sealed class ReloadQueue(TimeProvider clock, Func<ReloadRequest, Task<ReloadResult>> run, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly List<ReloadRequest> _waiting = [];
    private bool _isRunning;

    public Task<ReloadResult> AddAsync(bool isForced, string? service = null, int? spawn = null, bool loadsAll = false)
    {
        lock (_gate)
        {
            var request = _waiting.Find(w => w.Service == service && w.Spawn == spawn);
            if (request is null)
            {
                _waiting.Add(request = new ReloadRequest(service, spawn, clock.GetTimestamp()));
            }

            request.IsForced |= isForced;
            request.LoadsAll |= isForced || loadsAll;
            if (!_isRunning)
            {
                _isRunning = true;
                _ = Task.Run(RunAsync);
            }

            return request.Result.Task;
        }
    }

    private async Task RunAsync()
    {
        while (TryTake(out var request))
        {
            try
            {
                request.Result.SetResult(await run(request).ConfigureAwait(false));
            }
            catch (Exception e)
            {
                // The logger failed, or something in a way that was not foreseen; the next reload gets its chance.
                request.Result.TrySetException(e);
                TryLog(e);
            }
        }
    }

    private void TryLog(Exception exception)
    {
        try
        {
            Log.ReloadBroke(logger, exception);
        }
        catch (Exception)
        {
            // A logger of the program. The caller has the exception.
        }
    }

    private bool TryTake(out ReloadRequest request)
    {
        lock (_gate)
        {
            _isRunning = _waiting.Count > 0;
            request = _isRunning ? _waiting[0] : null!;
            if (_isRunning)
            {
                _waiting.RemoveAt(0);
            }

            return _isRunning;
        }
    }
}
