using System.Globalization;
using Cotyledon.Hosting.Extensibility;

namespace Cotyledon.Hosting.Cluster;

/// <summary>The calls of the store, and their results.</summary>
internal sealed partial class ClusterDriver
{
    private void Read(long number, long now) => Call(_others, number, now, timeout => _store.Read(_codec.Prefixes, timeout), OnRead);

    private void Write(StoreThread thread, long number, long now, ClusterWrite write) =>
        Call(thread, number, now, timeout => new ClusterWriteResult { Revision = _store.TryWrite(write, timeout) }, OnWritten);

    /// <summary>Renews the pulse of this session and reads all records, in one call if the store can do that.</summary>
    private void WriteAndRead(ClusterAction.WritePulse renewal, ClusterAction.Read read, long now)
    {
        var write = WriteOf(renewal);
        Call(
            _renewals,
            renewal.Number,
            now,
            timeout => _store.TryWriteAndRead(write, _codec.Prefixes, timeout),
            (time, number, result, error) =>
            {
                OnWritten(time, number, result, error);
                if (_member.HasLeft)
                {
                    return;
                }

                if (result is { Records: null })
                {
                    Read(read.Number, time);
                }
                else
                {
                    OnRead(time, read.Number, result?.Records, error);
                }
            });
    }

    private ClusterWrite WriteOf(ClusterAction.WritePulse write) => new()
    {
        Key = _codec.PulsePrefix + write.Session,
        Value = write.Value is null ? null : ClusterCodec.Write(write.Value),
        ExpectedRevision = write.ExpectedRevision,
        IsAnnounced = write.Session == _member.Session ? write.Value is { HasEnded: true } || IsNews(write.Value) : write.Value is not null,
    };

    private ClusterWrite WriteOf(ClusterAction.WriteRoster write) => new()
    {
        Key = _codec.RosterPrefix + write.Value.Service,
        Value = _codec.Write(write.Value, write.ExpectedRevision),
        ExpectedRevision = write.ExpectedRevision,
        IsAnnounced = true,
    };

    /// <summary>Returns whether a pulse has other services than the last one of this program.</summary>
    private bool IsNews(Pulse? pulse)
    {
        var said = string.Join('\n', pulse?.Services ?? []);
        var isNews = said != _said;
        _said = said;
        return isNews;
    }

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

    private void OnWritten(long now, long number, ClusterWriteResult? result, ClusterStoreException? error)
    {
        _problem.Note(ClusterCall.Write, error);
        var outcome = result is null ? WriteOutcome.Unknown : result.Revision is null ? WriteOutcome.Conflict : WriteOutcome.Written;
        _member.OnWritten(now, number, outcome, result?.Revision ?? 0);
    }

    private void OnRead(long now, long number, IReadOnlyList<ClusterRecord>? records, ClusterStoreException? error)
    {
        _hasAnswered |= records is not null;
        var view = records is null ? null : Try(() => _codec.Read(records), ref error);
        var own = view is null && records is not null ? Try(() => new OwnPulse(_codec.ReadPulse(records, _member.Session)), ref error) : null;
        _problem.Note(ClusterCall.Read, error);
        if (view is not null)
        {
            Observation = Observe(view);
            ReportCounts(Observation);
        }

        if (own is not null)
        {
            _member.OnReadPulse(now, number, own.Pulse);
        }
        else
        {
            _member.OnRead(now, number, view);
        }
    }

    /// <summary>Converts records. Notes the first error.</summary>
    private static T? Try<T>(Func<T> convert, ref ClusterStoreException? error)
        where T : class
    {
        try
        {
            return convert();
        }
        catch (Exception e)
        {
            error ??= e as ClusterStoreException ?? new ClusterStoreException($"The records cannot be used: {e.GetType().Name}: {e.Message}", e);
            return null;
        }
    }

    private sealed record OwnPulse(Versioned<Pulse> Pulse);
}
