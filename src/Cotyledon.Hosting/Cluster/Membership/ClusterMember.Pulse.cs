namespace Cotyledon.Hosting.Cluster;

/// <summary>The pulse of this session and the end of its lease.</summary>
internal sealed partial class ClusterMember
{
    /// <summary>The times at which renewals were sent that are not known to be confirmed, by beat.</summary>
    private readonly SortedDictionary<long, long> _sent = [];

    private long _pulseRevision;
    private long _lastBeat;
    private long _endBeat;
    private long _lastRenewal = long.MinValue / 2;
    private long _firstRenewal = long.MaxValue;
    private long? _confirmedAt;
    private bool _isPulsePending;
    private bool _isPulseUnknown;
    private bool _isPulseOutdated;
    private bool _isSessionLost;

    /// <summary>Begins a session with another name, because a name must never be reused.</summary>
    private void BeginSession()
    {
        _isSessionLost = false;
        if (_isLeaving)
        {
            HasLeft = true;
            return;
        }

        Session = _createSession();
        (_pulseRevision, _lastBeat, _endBeat, _confirmedAt) = (0, 0, 0, null);
        (_lastRenewal, _firstRenewal) = (long.MinValue / 2, long.MaxValue);
        (_isPulsePending, _isPulseUnknown, _reading, _isDirty) = (false, false, null, true);
        _sent.Clear();
        _writes.Clear();
    }

    /// <summary>The session was declared dead. A new one begins when all processes are gone.</summary>
    private void LoseSession()
    {
        _isSessionLost = true;
        foreach (var (service, id, holding) in AllHoldings.ToList())
        {
            Lose(service, id, holding);
        }
    }

    private void Lose(string service, int id, Holding holding)
    {
        Revoke(service, id, holding, RevokeReason.SessionLost);
        holding.Plan = HoldingPlan.Lost;
        if (holding.Worker == WorkerPhase.None)
        {
            _holdings[service].Ids.Remove(id);
        }
    }

    /// <summary>Sends a renewal if it is due.</summary>
    private void Renew(long now)
    {
        var isEnd = _isLeaving && HoldsNothing && _writes.Count == 0;
        var isDue = now >= _lastRenewal + _times.Renew || _isPulseOutdated || (isEnd && _endBeat == 0);
        if (_isPulsePending || _isPulseUnknown || !isDue)
        {
            return;
        }

        (_isPulsePending, _isPulseOutdated) = (true, false);
        _isDirty = true; // A read goes with each renewal, so that an idle master is woken less often.
        (_lastRenewal, _firstRenewal) = (now, Math.Min(now, _firstRenewal));
        _sent[++_lastBeat] = now;
        _endBeat = isEnd ? _lastBeat : 0;
        var pulse = new Pulse
        {
            Session = Session,
            Machine = _machine,
            ProcessId = _processId,
            Beat = _lastBeat,
            Lease = _times.Lease,
            HasEnded = isEnd,
            Services = Offer(now),
        };
        var number = Write(new PendingWrite { IsPulse = true, Beat = _lastBeat });
        _actions.Add(new ClusterAction.WritePulse(number, Session, pulse, _pulseRevision));
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
            (_isPulseUnknown, _isDirty) = (true, true);
        }
    }

    /// <summary>A renewal is in the store.</summary>
    private void Confirm(long now, long beat)
    {
        _isPulseUnknown = false;
        if (_endBeat == beat)
        {
            HasLeft = true;
        }
        else if (_sent.TryGetValue(beat, out var sentAt))
        {
            // Rule 1: counted from the time at which it was sent.
            _isDirty |= _confirmedAt is null;
            _confirmedAt = Math.Max(_confirmedAt ?? sentAt, sentAt);
            foreach (var old in _sent.Keys.TakeWhile(b => b <= beat).ToList())
            {
                _sent.Remove(old);
            }

            _actions.Add(new ClusterAction.ExtendLease(_confirmedAt.Value + _times.Kill));
            foreach (var (service, id, holding) in AllHoldings)
            {
                Grant(now, service, id, holding);
            }
        }
    }

    /// <summary>Compares the pulse of this session in the store with the one that it wrote.</summary>
    /// <returns>Whether the session lives.</returns>
    private bool ReadOwnPulse(long now, Versioned<Pulse> own)
    {
        var (pulse, revision) = own;
        if (pulse is null)
        {
            // It was not created so far, or another session has deleted it after it was declared dead.
            _isPulseUnknown &= _isPulsePending;
            if (now >= (_confirmedAt ?? _firstRenewal) + _times.Lease)
            {
                EndSession();
            }

            return false;
        }

        // A beat that is not the last one can only come from a creation that was delayed until the record had been deleted.
        var isOurs = revision <= _pulseRevision || _sent.ContainsKey(pulse.Beat);
        if (pulse.HasEnded || !isOurs)
        {
            EndSession();
            return false;
        }

        // The store has lost the last renewal, in a failover for example, so it refuses all further ones. By now, no worker runs any more. While
        // the last renewal sent is a confirmed one, an older revision means only that the store was read before it.
        if (_isPulseUnknown && revision < _pulseRevision && now >= _confirmedAt + _times.Lease)
        {
            EndSession();
            return false;
        }

        if (revision > _pulseRevision)
        {
            _pulseRevision = revision;
            Confirm(now, pulse.Beat);
        }

        _isPulseUnknown = false;
        return _confirmedAt is not null;
    }

    private void EndSession()
    {
        if (_isLeaving && HoldsNothing)
        {
            HasLeft = true;
        }
        else
        {
            LoseSession();
        }
    }

    /// <summary>Stops the workers when the lease is about to end.</summary>
    private void StopBeforeLeaseEnds(long now)
    {
        if (now >= _confirmedAt + _times.Stop)
        {
            foreach (var (service, id, holding) in AllHoldings)
            {
                Revoke(service, id, holding, RevokeReason.LeaseEnds);
            }
        }
    }
}
