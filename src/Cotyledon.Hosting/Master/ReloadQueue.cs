using System.Diagnostics;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Master;

/// <summary>A request for a reload or a restart.</summary>
internal sealed class ReloadRequest(ReloadAction action, long since)
{
    public ReloadAction Action { get; } = action;

    public long Since { get; } = since;

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
/// Runs one reload or restart at a time. Requests for the same action that arrive while another one runs wait together as one request.
/// </summary>
internal sealed class ReloadQueue(TimeProvider clock, Func<ReloadRequest, Task<ReloadResult>> run, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly List<ReloadRequest> _waiting = [];
    private bool _isRunning;

    public OperationLog Operations { get; } = new(clock);

    /// <param name="action">The action.</param>
    /// <param name="isForced">Whether services are reloaded although nothing has changed.</param>
    /// <param name="loadsAll">Whether every source is loaded.</param>
    /// <param name="requestedBy">Who requests it; by default the requester of the asynchronous flow.</param>
    public Task<ReloadResult> AddAsync(ReloadAction action, bool isForced, bool loadsAll = false, string? requestedBy = null)
    {
        requestedBy ??= ControlRequester.Current;
        lock (_gate)
        {
            var request = _waiting.Find(w => w.Action == action);
            if (request is null)
            {
                var id = Operations.Add(action, requestedBy);
                _waiting.Add(request = new ReloadRequest(action, clock.GetTimestamp()) { Id = id });
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
