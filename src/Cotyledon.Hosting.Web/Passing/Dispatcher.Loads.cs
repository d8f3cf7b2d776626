using Cotyledon.Hosting.Extensibility;

namespace Cotyledon.Hosting.Web.Passing;

/// <summary>Measures the workers: their connections are known, and they are asked for the number of their requests.</summary>
internal sealed partial class Dispatcher
{
    /// <summary>The workers that have not answered the present measurement yet.</summary>
    private readonly HashSet<WorkerLink> _asked = [];

    /// <summary>Completed when there are none.</summary>
    private TaskCompletionSource? _allAnswered;

    /// <summary>
    /// Measures the workers that serve. Blocks until all have answered, or for <paramref name="timeout"/>: the number of requests of a worker that
    /// does not answer, because it is paused or its thread pool is blocked, or that gets no more messages, is then that of its last answer.
    /// </summary>
    /// <remarks>One call at a time.</remarks>
    public IReadOnlyList<WorkerLoad> Measure(TimeSpan timeout)
    {
        var allAnswered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!Post(() => Ask(allAnswered)))
        {
            return [];
        }

        allAnswered.Task.Wait(timeout);
        var loads = new TaskCompletionSource<IReadOnlyList<WorkerLoad>>(TaskCreationOptions.RunContinuationsAsynchronously);
        return Post(() => loads.SetResult(Loads())) && loads.Task.Wait(timeout) ? loads.Task.Result : [];
    }

    private void Ask(TaskCompletionSource allAnswered)
    {
        _asked.Clear();
        _allAnswered = allAnswered;
        foreach (var worker in _workers)
        {
            if (worker.Link is { IsServing: true, IsEnded: false } && worker.TryAsk())
            {
                _asked.Add(worker.Link);
            }
        }

        NoteAnswer(null);
    }

    /// <summary>Notes that a worker has answered, or never will.</summary>
    private void NoteAnswer(WorkerLink? worker)
    {
        if (worker is not null)
        {
            _asked.Remove(worker);
        }

        if (_asked.Count == 0)
        {
            _allAnswered?.TrySetResult();
        }
    }

    /// <summary>Returns the loads. During a replacement two processes can have the same worker id: the one that was started last counts.</summary>
    private IReadOnlyList<WorkerLoad> Loads() =>
    [
        .. _links.Where(link => link.IsServing).GroupBy(link => link.WorkerId).Select(links => new WorkerLoad
        {
            WorkerId = links.Key,
            Connections = links.Last().Open,
            Requests = links.Last().Requests,
        }),
    ];
}
