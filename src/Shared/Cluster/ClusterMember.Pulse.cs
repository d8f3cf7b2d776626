using static Cotyledon.Hosting.Cluster.ClusterAction;

namespace Cotyledon.Hosting.Cluster;

/// <summary>The pulse of the own session and the end of the lease.</summary>
internal sealed partial class ClusterMember
{
    /// <summary>The times at which renewals were sent that are not known to be confirmed, by beat.</summary>
    private readonly SortedDictionary<long, long> _sent = [];

    private long _pulseRevision;
    private long _lastBeat;
    private long _endBeat;
    private long _lastRenewal = long.MinValue / 2;
    private long? _confirmedAt;
    private bool _isPulsePending;
    private bool _isPulseUnknown;
    private bool _isPulseOutdated;
    private bool _isSessionLost;

    private void BeginSession()
    {
        Session = _createSession();
        _isSessionLost = false;
        (_pulseRevision, _lastBeat, _lastRenewal, _confirmedAt) = (0, 0, long.MinValue / 2, null);
        (_isPulsePending, _isPulseUnknown, _reading, _isDirty) = (false, false, null, true);
        _sent.Clear();
        _writes.Clear();
        _seen.Clear();
    }

    /// <summary>The session was declared dead. The processes are gone or about to be killed; a new session begins when they are.</summary>
    private void LoseSession()
    {
        _isSessionLost = true;
        foreach (var (key, holding) in _holdings.ToList())
        {
            Revoke(key, holding, RevokeReason.SessionLost);
            holding.IsLost = true;
            if (!holding.IsOccupied)
            {
                _holdings.Remove(key);
            }
        }
    }

    /// <summary>Sends a renewal if it is due.</summary>
    private void Renew(long now)
    {
        var isEnd = _isLeaving && _holdings.Count == 0 && _writes.Count == 0;
        if (_isPulsePending || _isPulseUnknown || (now < _lastRenewal + _times.Renew && !_isPulseOutdated && !isEnd))
        {
            return;
        }

        _isPulsePending = true;
        _isPulseOutdated = false;
        _lastRenewal = now;
        _sent[++_lastBeat] = now;
        _endBeat = isEnd ? _lastBeat : 0;
        var pulse = new Pulse
        {
            Session = Session,
            Machine = _machine,
            ProcessId = _processId,
            Beat = _lastBeat,
            HasEnded = isEnd,
            Services = _services,
        };
        var number = Write(new PendingWrite(Session, IsPulse: true) { Beat = _lastBeat });
        _actions.Add(new WritePulse(number, Session, pulse, _pulseRevision));
    }

    private void OnPulseWritten(long now, PendingWrite write, WriteOutcome outcome, long revision)
    {
        _isPulsePending = false;
        if (outcome == WriteOutcome.Written)
        {
            _pulseRevision = revision;
            Confirm(now, write.Beat);
        }
        else
        {
            // A renewal without an answer may be in the store already, or arrive later. The next read shows the revision to expect.
            _isPulseUnknown = true;
            _isDirty = true;
        }
    }

    /// <summary>A renewal is in the store.</summary>
    private void Confirm(long now, long beat)
    {
        _isPulseUnknown = false;
        if (_endBeat == beat)
        {
            HasLeft = true;
            return;
        }

        if (_sent.TryGetValue(beat, out var sentAt))
        {
            // Rule 1: counted from the time at which it was sent.
            _confirmedAt = Math.Max(_confirmedAt ?? sentAt, sentAt);
            foreach (var old in _sent.Keys.TakeWhile(b => b <= beat).ToList())
            {
                _sent.Remove(old);
            }

            _actions.Add(new ExtendLease(_confirmedAt.Value + _times.Kill));
            foreach (var (key, holding) in _holdings)
            {
                GrantIfPossible(now, key, holding);
            }
        }
    }

    /// <summary>Compares the own pulse in the store with what was written.</summary>
    /// <returns>Whether the session lives.</returns>
    private bool ReadOwnPulse(long now, ClusterView view)
    {
        var found = view.Pulses.FirstOrDefault(p => p.Value.Session == Session);
        if (found.Value is null)
        {
            if (_isReadAfterConfirmation)
            {
                EndOwnSession(); // Another session has deleted it, after it was declared dead.
                return false;
            }

            _isPulseUnknown &= _isPulsePending; // It was not created, so far.
            return false;
        }

        if (found.Value.HasEnded)
        {
            EndOwnSession();
            return false;
        }

        if (found.Revision > _pulseRevision)
        {
            _pulseRevision = found.Revision;
            Confirm(now, found.Value.Beat);
        }

        _isPulseUnknown = false;
        return _confirmedAt is not null;
    }

    private void EndOwnSession()
    {
        if (_isLeaving)
        {
            HasLeft = _holdings.Count == 0;
        }

        if (!HasLeft)
        {
            LoseSession();
        }
    }

    /// <summary>Stops the workers when the lease is about to end.</summary>
    private void EndLease(long now)
    {
        if (now >= _confirmedAt + _times.Stop)
        {
            foreach (var (key, holding) in _holdings)
            {
                Revoke(key, holding, RevokeReason.LeaseEnds);
            }
        }
    }
}
