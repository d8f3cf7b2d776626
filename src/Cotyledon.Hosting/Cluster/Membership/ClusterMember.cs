namespace Cotyledon.Hosting.Cluster;

/// <summary>
/// Decides which worker ids this machine holds. Deterministic: the calls, their order and their times determine the actions. It changes its
/// state in place, waits for nothing, and is used by one thread at a time.
/// </summary>
/// <remarks>
/// <para>The tests have a simulation of these rules, and of six mistakes that it must find.</para>
/// <para>1. A lease counts from the time at which its renewal was sent.</para>
/// <para>
/// 2. A session is dead when another one has written so into its pulse, after the pulse stood unchanged for a lease on the clock of the
/// observer. Only then are its ids free.
/// </para>
/// <para>3. A worker starts only after a claim that is newer than every attempt to release its id.</para>
/// <para>4. An id is released only after its process is gone.</para>
/// <para>
/// All times are in milliseconds of a clock that also counts while the machine is suspended (CLOCK_BOOTTIME). The driver gives up an operation, with
/// an unknown outcome, after <see cref="ClusterTimes.Renew"/>, or a read that had to wait for a renewal after twice that.
/// </para>
/// </remarks>
internal sealed partial class ClusterMember
{
    private readonly ClusterTimes _times;
    private readonly Func<string> _createSession;
    private readonly string _machine;
    private readonly int _processId;
    private readonly List<ClusterAction> _actions = [];
    private readonly SortedDictionary<string, ServiceHoldings> _holdings = [];
    private readonly Dictionary<long, PendingWrite> _writes = [];
    private IReadOnlyList<PulseService> _services = [];
    private long _lastNumber;
    private long? _reading;
    private bool _isDirty = true;
    private long _nextRead = long.MinValue;
    private bool _isLeaving;

    public ClusterMember(ClusterTimes times, string machine, int processId, Func<string> createSession)
    {
        (_times, _machine, _processId, _createSession) = (times, machine, processId, createSession);
        Session = createSession();
    }

    /// <summary>The id of the present session.</summary>
    public string Session { get; private set; }

    /// <summary>Whether all ids were released and the session has ended, after <see cref="Leave"/>.</summary>
    public bool HasLeft { get; private set; }

    /// <summary>Whether no read, and no write that the next read has to show, is under way.</summary>
    private bool CanRead => _reading is null && _writes.Values.All(w => w.IsPulse);

    private bool HoldsNothing => _holdings.Values.All(h => h.Ids.Count == 0);

    private IEnumerable<(string Service, int Id, Holding Holding)> AllHoldings =>
        from service in _holdings
        from id in service.Value.Ids
        select (service.Key, id.Key, id.Value);

    /// <summary>Returns the actions since the last call.</summary>
    public IReadOnlyList<ClusterAction> TakeActions()
    {
        ClusterAction[] taken = [.. _actions];
        _actions.Clear();
        return taken;
    }

    /// <summary>Sets the services of this program and the number of their workers.</summary>
    public void SetServices(long now, IReadOnlyList<PulseService> services)
    {
        if (!services.SequenceEqual(_services))
        {
            _services = services;
            (_isPulseOutdated, _isDirty) = (true, true);
        }

        Wake(now);
    }

    /// <summary>
    /// Ends the time in which this machine takes no more ids of the given services after <see cref="Return"/>, because the cause may have been
    /// removed.
    /// </summary>
    public void EndLimits(long now, IReadOnlyCollection<string> services)
    {
        foreach (var (name, holdings) in _holdings)
        {
            if (services.Contains(name) && now < holdings.LimitUntil)
            {
                holdings.LimitUntil = now;
                (_isPulseOutdated, _isDirty) = (true, true);
            }
        }

        Wake(now);
    }

    /// <summary>Called when the store may have changed. The hint only makes the cluster faster.</summary>
    public void OnHint(long now)
    {
        _isDirty = true;
        Wake(now);
    }

    /// <summary>The process of a grant that was revoked is gone, and none follows.</summary>
    public void OnVacant(long now, string service, int id, long grantNumber)
    {
        if (Find(service, id, grantNumber) is { Worker: WorkerPhase.Stopping } holding)
        {
            Vacate(service, id, holding);
        }

        Wake(now);
    }

    /// <summary>
    /// No worker can run with a granted id here, and no process has it. Another machine may take the id. For some minutes, this machine takes no more
    /// ids of the service than it has left.
    /// </summary>
    public void Return(long now, string service, int id, long grantNumber)
    {
        if (Find(service, id, grantNumber) is { Worker: not WorkerPhase.None } holding)
        {
            holding.Plan = holding.Plan == HoldingPlan.Lost ? HoldingPlan.Lost : HoldingPlan.Move;
            Vacate(service, id, holding);
            var holdings = _holdings[service];
            (holdings.Limit, holdings.LimitUntil) = (holdings.Ids.Values.Count(h => h.Plan == HoldingPlan.Keep), now + (10 * _times.Calm));
            _isPulseOutdated = true;
        }

        Wake(now);
    }

    /// <summary>Begins to release all ids, and then ends the session.</summary>
    public void Leave(long now)
    {
        (_isLeaving, _isPulseOutdated, _isDirty) = (true, true, true);
        foreach (var (service, id, holding) in AllHoldings)
        {
            Revoke(service, id, holding, RevokeReason.Leaving);
        }

        Wake(now);
    }

    /// <summary>Does what is due. Called at <see cref="NextWake"/> or at any other time.</summary>
    public void Wake(long now)
    {
        if (_isSessionLost && HoldsNothing)
        {
            BeginSession();
        }

        if (HasLeft || _isSessionLost)
        {
            return;
        }

        StopBeforeLeaseEnds(now);
        Renew(now);
        if (CanRead && (_isDirty || now >= _nextRead))
        {
            _reading = ++_lastNumber;
            _isDirty = false;
            _nextRead = now + _times.Renew;
            _actions.Add(new ClusterAction.Read(_lastNumber));
        }
    }

    /// <summary>The time at which <see cref="Wake"/> has something to do, if nothing happens before.</summary>
    public long NextWake(long now)
    {
        if (HasLeft || _isSessionLost)
        {
            return long.MaxValue;
        }

        var next = CanRead ? _nextRead : long.MaxValue;
        if (_confirmedAt is { } confirmed && now < confirmed + _times.Stop)
        {
            next = Math.Min(next, confirmed + _times.Stop);
        }

        if (!_isPulseUnknown && !_isPulsePending)
        {
            next = Math.Min(next, _lastRenewal + _times.Renew);
        }

        return Math.Max(next, now + 1);
    }

    /// <summary>Takes the answer to a read.</summary>
    /// <param name="now">The time.</param>
    /// <param name="number">The number of the read.</param>
    /// <param name="view">The records; <see langword="null"/> if there was no answer.</param>
    public void OnRead(long now, long number, ClusterView? view)
    {
        if (_reading == number)
        {
            _reading = null;
            if (view is not null)
            {
                Observe(now, view);
                if (ReadOwnPulse(now, view.Pulses.FirstOrDefault(p => p.Value.Session == Session)))
                {
                    DeclareDeaths(now, view);
                    Plan(now, view);
                }
            }
        }

        Wake(now);
    }

    /// <summary>Takes the answer to a read of which only the pulse of this session can be used, so that renewals continue.</summary>
    public void OnReadPulse(long now, long number, Versioned<Pulse> own)
    {
        if (_reading == number)
        {
            _reading = null;
            ReadOwnPulse(now, own);
        }

        Wake(now);
    }

    /// <summary>Takes the outcome of a write.</summary>
    public void OnWritten(long now, long number, WriteOutcome outcome, long revision = 0)
    {
        if (_writes.Remove(number, out var write))
        {
            if (write.IsPulse)
            {
                OnPulseWritten(now, write, outcome, revision);
            }
            else
            {
                OnShared(now, write, outcome);
            }
        }

        Wake(now);
    }

    /// <summary>Takes the outcome of a write of a roster, or of the pulse of another session.</summary>
    private void OnShared(long now, PendingWrite write, WriteOutcome outcome)
    {
        _isDirty |= outcome != WriteOutcome.Unknown;
        foreach (var (id, attempt) in write.Attempts)
        {
            if (Of(write.Service).Ids.GetValueOrDefault(id) is not { } holding || holding.Attempt != attempt)
            {
                continue;
            }

            if (outcome == WriteOutcome.Written && attempt.IsClaim)
            {
                Hold(holding, attempt);
                Grant(now, write.Service, id, holding);
            }
            else if (outcome == WriteOutcome.Written || (outcome == WriteOutcome.Conflict && attempt.IsClaim))
            {
                _holdings[write.Service].Ids.Remove(id);
            }

            // Rule 3: after a release that was not confirmed, nothing starts until a newer claim is. The next read shows what has become of it.
        }
    }

    /// <summary>Returns the numbers of ids that this machine offers to hold now.</summary>
    private List<PulseService> Offer(long now) =>
    [
        .. from service in _services
           let holdings = Of(service.Name)
           let limit = _isLeaving ? 0 : now < holdings.LimitUntil ? holdings.Limit : int.MaxValue
           select limit < (service.MaxHere ?? int.MaxValue) ? service with { MaxHere = limit } : service,
    ];

    private ServiceHoldings Of(string service)
    {
        if (!_holdings.TryGetValue(service, out var holdings))
        {
            _holdings[service] = holdings = new ServiceHoldings();
        }

        return holdings;
    }

    private long Write(PendingWrite write)
    {
        _writes.Add(++_lastNumber, write);
        return _lastNumber;
    }
}
