using static Cotyledon.Hosting.Cluster.ClusterAction;

namespace Cotyledon.Hosting.Cluster;

/// <summary>
/// Decides which worker ids this machine holds. Deterministic: the calls, their order and their times determine the actions. It changes its
/// state in place, waits for nothing, and is used by one thread at a time.
/// </summary>
/// <remarks>
/// <para>The rules. A simulation of all of them, and of six mistakes that it must find, is in the tests.</para>
/// <para>1. A lease counts from the time at which its renewal was sent.</para>
/// <para>
/// 2. A session is dead when another one has written so into its pulse, after the pulse stood unchanged for a lease on the clock of the
/// observer. Only then are its ids free.
/// </para>
/// <para>3. A worker starts only after a claim that is newer than every attempt to release its id.</para>
/// <para>4. An id is released only after its process is gone.</para>
/// <para>5. All times are in milliseconds of a clock that also counts while the machine is suspended (CLOCK_BOOTTIME).</para>
/// </remarks>
internal sealed partial class ClusterMember
{
    private readonly ClusterTimes _times;
    private readonly Func<string> _createSession;
    private readonly string _machine;
    private readonly int _processId;
    private readonly List<ClusterAction> _actions = [];
    private readonly SortedDictionary<(string Service, int Id), Holding> _holdings = [];
    private readonly Dictionary<long, PendingWrite> _writes = [];
    private IReadOnlyList<PulseService> _services = [];
    private long _lastNumber;
    private long? _reading;
    private bool _isReadAfterConfirmation;
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

    /// <summary>The time at which workers must be gone; <see langword="null"/> before the first confirmed renewal.</summary>
    public long? KillAt => _confirmedAt + _times.Kill;

    /// <summary>Whether all ids were released and the session has ended, after <see cref="Leave"/>.</summary>
    public bool HasLeft { get; private set; }

    /// <summary>The ids that are held, and whether a worker may run.</summary>
    public IEnumerable<(string Service, int Id, bool IsGranted)> Holdings => _holdings.Select(h => (h.Key.Service, h.Key.Id, h.Value.IsGranted));

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
            _isPulseOutdated = true;
            _isDirty = true;
        }

        Wake(now);
    }

    /// <summary>Something has changed in the store: a hint, on which nothing depends but speed.</summary>
    public void OnHint(long now)
    {
        _isDirty = true;
        Wake(now);
    }

    /// <summary>The process with a revoked id is gone, and none follows.</summary>
    public void OnVacant(long now, string service, int id)
    {
        if (_holdings.TryGetValue((service, id), out var holding))
        {
            holding.IsOccupied = false;
            _isDirty = true;
            if (holding.IsLost)
            {
                _holdings.Remove((service, id));
            }
        }

        Wake(now);
    }

    /// <summary>Begins to release all ids, and then ends the session.</summary>
    public void Leave(long now)
    {
        _isLeaving = true;
        _isDirty = true;
        foreach (var (key, holding) in _holdings)
        {
            Revoke(key, holding, RevokeReason.Leaving);
        }

        Wake(now);
    }

    /// <summary>Does what is due. Called at <see cref="NextWake"/> or at any other time.</summary>
    public void Wake(long now)
    {
        if (HasLeft)
        {
            return;
        }

        if (_isSessionLost && _holdings.Count == 0)
        {
            if (_isLeaving)
            {
                HasLeft = true;
                return;
            }

            BeginSession();
        }

        if (_isSessionLost)
        {
            return;
        }

        EndLease(now);
        Renew(now);
        if (CanRead && (_isDirty || now >= _nextRead))
        {
            _reading = ++_lastNumber;
            _isReadAfterConfirmation = _confirmedAt is not null;
            _isDirty = false;
            _nextRead = now + _times.Renew;
            _actions.Add(new Read(_lastNumber));
        }
    }

    /// <summary>The time at which <see cref="Wake"/> has something to do.</summary>
    public long NextWake(long now)
    {
        var next = CanRead ? _nextRead : long.MaxValue;
        if (_holdings.Values.Any(h => h.IsGranted) && _confirmedAt is { } confirmed)
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
        if (_reading != number)
        {
            return; // An answer to an earlier session.
        }

        _reading = null;
        if (view is not null && !_isSessionLost && !HasLeft)
        {
            Observe(now, view);
            if (ReadOwnPulse(now, view))
            {
                Plan(now, view);
            }

            // At the end of a lease of another session.
            foreach (var end in _seen.Where(s => s.Key != Session).Select(s => s.Value.Since + _times.Lease).Where(end => end > now))
            {
                _nextRead = Math.Min(_nextRead, end);
            }
        }

        Wake(now);
    }

    /// <summary>Takes the outcome of a write.</summary>
    public void OnWritten(long now, long number, WriteOutcome outcome, long revision = 0)
    {
        if (!_writes.Remove(number, out var write) || write.Session != Session || HasLeft)
        {
            return;
        }

        if (write.IsPulse)
        {
            OnPulseWritten(now, write, outcome, revision);
        }
        else
        {
            OnShared(now, write, outcome);
        }

        Wake(now);
    }

    /// <summary>Takes the outcome of a write of a roster, or of the pulse of another session.</summary>
    private void OnShared(long now, PendingWrite write, WriteOutcome outcome)
    {
        _isDirty |= outcome != WriteOutcome.Unknown;
        foreach (var (key, change) in write.Changes)
        {
            if (!_holdings.TryGetValue(key, out var holding) || holding.Change != change)
            {
                continue;
            }

            switch (outcome)
            {
                case WriteOutcome.Written when change.IsClaim:
                    Hold(now, key, holding, change.Incarnation);
                    break;
                case WriteOutcome.Written:
                    _holdings.Remove(key);
                    break;
                case WriteOutcome.Conflict when change.IsClaim && !holding.IsHeld:
                    _holdings.Remove(key);
                    break;
                case WriteOutcome.Conflict:
                    // The release was not made and never will be. If no other attempt is unclear, it needs no newer claim.
                    holding.Change = null;
                    holding.IsHeld = !holding.HasUnclearRelease;
                    break;
                default:
                    // Rule 3: until a newer claim, nothing starts. The next read shows what has become of it.
                    holding.HasUnclearRelease |= !change.IsClaim;
                    break;
            }
        }
    }

    /// <summary>A claim was confirmed.</summary>
    private void Hold(long now, (string Service, int Id) key, Holding holding, long incarnation)
    {
        (holding.IsHeld, holding.HasUnclearRelease) = (true, false);
        holding.Change = null;
        holding.Incarnation = incarnation;
        GrantIfPossible(now, key, holding);
    }

    private void GrantIfPossible(long now, (string Service, int Id) key, Holding holding)
    {
        if (holding is { IsHeld: true, IsGranted: false, IsOccupied: false, Change: null, IsUnwanted: false }
            && !_isLeaving && !_isSessionLost && now < _confirmedAt + _times.Stop)
        {
            (holding.IsGranted, holding.IsOccupied) = (true, true);
            _actions.Add(new Grant(key.Service, key.Id, holding.Incarnation));
        }
    }

    private void Revoke((string Service, int Id) key, Holding holding, RevokeReason reason)
    {
        if (holding.IsGranted)
        {
            holding.IsGranted = false;
            _actions.Add(new ClusterAction.Revoke(key.Service, key.Id, reason));
        }
    }

    /// <summary>Whether no read, and no write that the next read has to show, is under way.</summary>
    private bool CanRead => _reading is null && _writes.Values.All(w => w.IsPulse);

    private long Write(PendingWrite write)
    {
        _writes.Add(++_lastNumber, write);
        return _lastNumber;
    }

    /// <summary>A write that was sent.</summary>
    private sealed record PendingWrite(string Session, bool IsPulse)
    {
        public long Beat { get; init; }

        public IReadOnlyDictionary<(string Service, int Id), Change> Changes { get; init; } = new Dictionary<(string, int), Change>();
    }

    /// <summary>An attempt to claim or release an id.</summary>
    private sealed record Change(bool IsClaim, long Incarnation)
    {
        public bool Equals(Change? other) => ReferenceEquals(this, other);

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
    }

    /// <summary>What this session knows of an id that it holds, or tries to hold or to release.</summary>
    private sealed class Holding
    {
        /// <summary>Whether a claim was confirmed, and no release was attempted since.</summary>
        public bool IsHeld { get; set; }

        /// <summary>Whether a release may still arrive in the store.</summary>
        public bool HasUnclearRelease { get; set; }

        /// <summary>The attempt whose outcome is not known yet.</summary>
        public Change? Change { get; set; }

        public long Incarnation { get; set; }

        /// <summary>Whether a worker may run.</summary>
        public bool IsGranted { get; set; }

        /// <summary>Whether a process may exist.</summary>
        public bool IsOccupied { get; set; }

        /// <summary>Whether the id is to be released.</summary>
        public bool IsUnwanted { get; set; }

        /// <summary>Whether the id is to be released for another machine, whatever happens meanwhile.</summary>
        public bool IsMoving { get; set; }

        /// <summary>Whether the id is not ours any more, so that it needs no release.</summary>
        public bool IsLost { get; set; }
    }
}
