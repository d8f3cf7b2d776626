using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Master;

/// <summary>A request to reload all services or one process, or for a rolling restart of one service.</summary>
internal sealed class ReloadRequest(string? service, int? spawn, long since)
{
    public string? Service { get; } = service;

    public int? Spawn { get; } = spawn;

    public long Since { get; } = since;

    /// <summary>Whether services are reloaded although nothing has changed.</summary>
    public bool IsForced { get; set; }

    /// <summary>Whether every source is loaded, or only the sources that are watched for changes.</summary>
    public bool LoadsAll { get; set; }

    /// <summary>The activity of the first caller, which becomes the parent of the activity of the reload.</summary>
    public ActivityContext RequestedBy { get; } = Activity.Current?.Context ?? default;

    public TaskCompletionSource<ReloadResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>
/// Runs one reload at a time. Requests for the same service and process that arrive while a reload runs wait together as one request.
/// </summary>
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
                // An unexpected failure, for example of a logger. The next request is handled nevertheless.
                request.Result.TrySetException(e);
                Log.ReloadBroke(logger, e);
            }
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
