using System.Diagnostics;
using Cotyledon.Hosting.Extensibility;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Master;

/// <summary>A request to reload all services or one process, for a rolling restart of one service, or for the restart of one worker.</summary>
internal sealed class ReloadRequest(string? service, int? spawn, long since)
{
    public string? Service { get; } = service;

    public int? WorkerId { get; init; }

    public int? Spawn { get; } = spawn;

    public long Since { get; } = since;

    /// <summary>Whether it is a restart. The reload of one process has a service too, the one that it belongs to.</summary>
    public bool IsRestart => Service is not null && Spawn is null;

    /// <summary>The number of the operation.</summary>
    public long Id { get; init; }

    /// <summary>Whether services are reloaded although nothing has changed.</summary>
    public bool IsForced { get; set; }

    /// <summary>Whether every source is loaded, or only the sources that are watched for changes.</summary>
    public bool LoadsAll { get; set; }

    /// <summary>The activity of the first caller, which becomes the parent of the activity of the reload.</summary>
    public ActivityContext ParentActivity { get; } = Activity.Current?.Context ?? default;

    public TaskCompletionSource<ReloadResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>
/// Runs one reload at a time. Requests for the same service, worker and process that arrive while a reload runs wait together as one request.
/// </summary>
internal sealed class ReloadQueue(TimeProvider clock, Func<ReloadRequest, Task<ReloadResult>> run, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly List<ReloadRequest> _waiting = [];
    private bool _isRunning;

    public OperationLog Operations { get; } = new(clock);

    /// <param name="isForced">Whether services are reloaded although nothing has changed.</param>
    /// <param name="service">The service to restart, or the one that the process belongs to.</param>
    /// <param name="workerId">The worker to restart, or the one that the process is.</param>
    /// <param name="spawn">The process to reload.</param>
    /// <param name="loadsAll">Whether every source is loaded.</param>
    /// <param name="requestedBy">Who requests it; by default the requester of the asynchronous flow.</param>
    public Task<ReloadResult> AddAsync(
        bool isForced, string? service = null, int? workerId = null, int? spawn = null, bool loadsAll = false, string? requestedBy = null)
    {
        requestedBy ??= ControlRequester.Current;
        lock (_gate)
        {
            var request = _waiting.Find(w => w.Service == service && w.WorkerId == workerId && w.Spawn == spawn);
            if (request is null)
            {
                var kind = service is not null && spawn is null ? OperationKind.Restart : OperationKind.Reload;
                var id = Operations.Add(kind, service, workerId, requestedBy);
                _waiting.Add(request = new ReloadRequest(service, spawn, clock.GetTimestamp()) { WorkerId = workerId, Id = id });
            }
            else
            {
                Operations.Share(request.Id, requestedBy);
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
                var result = await run(request).ConfigureAwait(false);
                Operations.Complete(request.Id, result);
                request.Result.SetResult(result);
            }
            catch (Exception e)
            {
                // An unexpected failure, for example of a logger. The next request is handled nevertheless.
                Operations.Complete(request.Id, new ReloadResult { Outcome = ReloadOutcome.Failed, Errors = [e.Message] });
                request.Result.TrySetException(e);
                Log.ReloadError(logger, e);
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
