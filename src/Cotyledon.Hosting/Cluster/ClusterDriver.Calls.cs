using System.Globalization;
using Cotyledon.Hosting.Extensibility;

namespace Cotyledon.Hosting.Cluster;

/// <summary>The calls of the store, and their results.</summary>
internal sealed partial class ClusterDriver
{
    private void Write(StoreThread thread, long number, long now, ClusterWrite write) => Call(
        thread,
        number,
        now,
        timeout => new Written(_store.TryWrite(write, timeout)),
        (time, id, written, error) =>
        {
            _problem.Note(ClusterCall.Write, error);
            var outcome = written is null ? WriteOutcome.Unknown : written.Revision is null ? WriteOutcome.Conflict : WriteOutcome.Written;
            _member.OnWritten(time, id, outcome, written?.Revision ?? 0);
        });

    /// <summary>Makes a call. Its end is the time at which it is given up, without a result.</summary>
    private void Call<T>(StoreThread thread, long number, long now, Func<TimeSpan, T> call, Action<long, long, T?, ClusterStoreException?> complete)
        where T : class
    {
        var end = now + _times.Renew;
        _calls[number] = (end, time => complete(time, number, null, new ClusterStoreException(NoAnswer)));
        thread.Call(call, end, (result, error) => _inbox.TryAdd(time =>
        {
            if (_calls.Remove(number))
            {
                complete(time, number, result, error);
            }
        }));
    }

    private string NoAnswer => string.Create(CultureInfo.InvariantCulture, $"it did not answer within {_times.Renew / 1000.0:0.#} s.");

    private void GiveUpCalls(long now)
    {
        foreach (var (number, call) in _calls)
        {
            if (now >= call.End)
            {
                _calls.Remove(number);
                call.GiveUp(now);
            }
        }
    }

    private void OnRead(long now, long number, IReadOnlyList<ClusterRecord>? records, ClusterStoreException? error)
    {
        ClusterView? view = null;
        try
        {
            view = records is null ? null : _codec.Read(records);
        }
        catch (ClusterStoreException e)
        {
            error = e;
        }
        catch (Exception e)
        {
            error = new ClusterStoreException($"The records cannot be used: {e.GetType().Name}: {e.Message}", e);
        }

        _problem.Note(ClusterCall.Read, error);
        if (view is not null)
        {
            Observation = Observe(view);
            ReportCounts(Observation);
        }

        _member.OnRead(now, number, view);
    }

    private sealed record Written(long? Revision);
}
