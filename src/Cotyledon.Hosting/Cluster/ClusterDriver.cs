using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Shared;
using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Cluster;

/// <summary>
/// Executes what <see cref="ClusterMember"/> decides: calls the store and tells the supervisor which worker ids it may run. The member is used by the
/// thread of this class only.
/// </summary>
internal sealed partial class ClusterDriver : IDisposable
{
    /// <summary>In milliseconds.</summary>
    private const long LongestWait = 10_000;

    private readonly IClusterStore _store;
    private readonly ClusterTimes _times;
    private readonly Action<SupervisorMessage> _report;
    private readonly ClusterProblem _problem;
    private readonly Action<Action<ILogger>> _log;
    private readonly TimeProvider _clock;
    private readonly ClusterCodec _codec;
    private readonly ClusterMember _member;
    private readonly BlockingQueue<Action<long>> _inbox = new();
    private readonly Dictionary<long, (long End, Action<long> GiveUp)> _calls = [];
    private readonly Dictionary<string, int> _workers = [];
    private readonly ManualResetEventSlim _hasLeft = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly StoreThread _renewals = new("cotyledon lease");
    private readonly StoreThread _others = new("cotyledon store");

    /// <summary>Since when worker ids are vacant, as timestamps, because the time of day may be corrected meanwhile.</summary>
    private readonly Dictionary<(string Service, int Id), long> _vacantSince = [];

    private IReadOnlyList<PulseService> _services = [];
    private string _said = "";
    private volatile bool _isUsed;
    private volatile bool _hasAnswered;

    public ClusterDriver(ClusterSettings settings, IClusterStore store, Action<SupervisorMessage> report, Action<Action<ILogger>> log, TimeProvider clock)
    {
        (Settings, _store, _report, _log, _clock) = (settings, store, report, log, clock);
        _problem = new ClusterProblem(store.Description, log, clock);
        _times = ClusterTimes.Of(settings.LeaseDuration);
        _codec = new ClusterCodec(settings.Name);
        _member = new ClusterMember(_times, Environment.MachineName, Environment.ProcessId, () => Guid.NewGuid().ToString("N"));
        new Thread(Run) { IsBackground = true, Name = "cotyledon cluster" }.Start();
    }

    public ClusterSettings Settings { get; }

    public string Store => _store.Description;

    /// <summary>The present problem with the store; <see langword="null"/> if there is none.</summary>
    public string? Problem => _problem.Current;

    /// <summary>Whether the store has answered a read since the start, also if one of the records is invalid.</summary>
    public bool HasAnswered => _hasAnswered;

    /// <summary>The records that were read last; <see langword="null"/> until the store has answered with valid ones.</summary>
    public ClusterObservation? Observation { get; private set => Volatile.Write(ref field, value); }

    /// <summary>Executes a command of the supervisor. The store is not used before the first one, which offers services.</summary>
    /// <returns>Whether the command concerns the cluster.</returns>
    public bool Execute(SupervisorCommand command)
    {
        switch (command)
        {
            case SupervisorCommand.OfferServices offer:
                Offer([.. offer.Services.Select(s => new PulseService(s.Name, s.Workers, s.MaxWorkersHere))], offer.Retried ?? []);
                return true;
            case SupervisorCommand.ReportVacant vacant:
                _inbox.TryAdd(now => _member.OnVacant(now, vacant.Service, vacant.WorkerId, vacant.Grant));
                return true;
            case SupervisorCommand.ReturnWorkerId returned:
                _inbox.TryAdd(now => _member.Return(now, returned.Service, returned.WorkerId, returned.Grant));
                return true;
            case SupervisorCommand.LeaveCluster:
                _inbox.TryAdd(_member.Leave);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Waits until all ids were released after the stop, so that another machine can take them at once.</summary>
    public bool WaitUntilLeft(TimeSpan timeout) => !_isUsed || _hasLeft.Wait(timeout);

    public void Dispose()
    {
        _ending.Cancel();
        _inbox.Complete();
        _renewals.Dispose();
        _others.Dispose();
    }

    private void Offer(IReadOnlyList<PulseService> services, IReadOnlyCollection<string> retried)
    {
        _isUsed = true;
        _inbox.TryAdd(now =>
        {
            _services = services;
            _member.EndLimits(now, retried);
            _member.SetServices(now, services);
        });
    }

    private void Run()
    {
        try
        {
            RunUntilLeft();
        }
        catch (Exception e)
        {
            // A bug, or a store that breaks its contract. Without renewals the lease ends, the workers stop, and other machines take over.
            _problem.Fail(e);
        }

        _hasLeft.Set();
        Dispose();
    }

    private void RunUntilLeft()
    {
        _inbox.TryTake(Timeout.InfiniteTimeSpan, out var handle);
        Threads.Run("cotyledon hints", Watch);
        while (!_ending.IsCancellationRequested)
        {
            var now = BootClock.Now;
            handle?.Invoke(now);
            GiveUpCalls(now);
            ReportExpiry(now);
            _member.Wake(now);
            Execute(_member.TakeActions(), now);
            if (_member.HasLeft)
            {
                return;
            }

            _inbox.TryTake(TimeUntilNext(now), out handle);
        }
    }

    /// <summary>
    /// The time until something is due, but at most ten seconds, because a wait stands still while the machine is suspended.
    /// </summary>
    private TimeSpan TimeUntilNext(long now)
    {
        var next = Math.Min(_member.NextWake(now), _leaseEnd ?? long.MaxValue);
        foreach (var call in _calls.Values)
        {
            next = Math.Min(next, call.End);
        }

        return TimeSpan.FromMilliseconds(Math.Clamp(next - now, 0, LongestWait));
    }

    private void Execute(IReadOnlyList<ClusterAction> actions, long now)
    {
        var renewal = actions.OfType<ClusterAction.WritePulse>().FirstOrDefault(w => w.Session == _member.Session);
        var read = actions.OfType<ClusterAction.Read>().FirstOrDefault();
        var isOneCall = renewal is not null && read is not null;
        if (isOneCall)
        {
            WriteAndRead(renewal!, read!, now);
        }

        foreach (var action in actions.Where(a => !isOneCall || (a != renewal && a != read)))
        {
            Execute(action, now);
        }
    }

    private void Execute(ClusterAction action, long now)
    {
        switch (action)
        {
            case ClusterAction.Read read:
                Read(read.Number, now);
                break;
            case ClusterAction.WritePulse write:
                Write(write.Session == _member.Session ? _renewals : _others, write.Number, now, WriteOf(write));
                break;
            case ClusterAction.WriteRoster write:
                Write(_others, write.Number, now, WriteOf(write));
                break;
            case ClusterAction.ExtendLease extend:
                _leaseEnd = extend.KillAt;
                _report(new SupervisorMessage.LeaseExtended(extend.KillAt));
                break;
            case ClusterAction.Grant grant:
                _report(new SupervisorMessage.SlotGranted(
                    grant.Service, grant.Id, grant.Number, grant.FirstIncarnation, grant.FirstIncarnation + RosterId.Block - 1));
                break;
            case ClusterAction.Revoke revoke:
                _report(Describe(revoke));
                break;
        }
    }

    private ClusterObservation Observe(ClusterView view)
    {
        var now = _clock.GetTimestamp();
        var observation = new ClusterObservation(view, _member.Session, _clock.GetUtcNow());
        var vacant = observation.VacantOf(_services.Select(s => s.Name)).ToHashSet();
        foreach (var held in _vacantSince.Keys.Where(v => !vacant.Contains(v)).ToList())
        {
            _vacantSince.Remove(held);
        }

        foreach (var id in vacant)
        {
            _vacantSince.TryAdd(id, now);
        }

        return observation with
        {
            Vacant = [.. _vacantSince.Where(v => _clock.GetElapsedTime(v.Value, now) >= Settings.LeaseDuration).Select(v => v.Key)],
        };
    }

    /// <summary>Reports the number of workers of each service: the largest one that a program wants.</summary>
    private void ReportCounts(ClusterObservation observation)
    {
        foreach (var service in _services)
        {
            var others = observation.Live.Where(p => p.Session != _member.Session).SelectMany(p => p.Services).Where(s => s.Name == service.Name);
            var count = others.Select(s => s.Workers).Append(service.Workers).Max();
            var isFirst = !_workers.TryGetValue(service.Name, out var known);
            if (isFirst && observation.HeldByOthers(service.Name) is > 0 and var held)
            {
                _log(logger => Log.StandingBy(logger, service.Name, held, count));
            }

            if (isFirst || known != count)
            {
                _workers[service.Name] = count;
                _report(new SupervisorMessage.ClusterScaled(service.Name, count));
            }
        }
    }

    private void Watch()
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                _store.Watch(_codec.Prefix, () => _inbox.TryAdd(_member.OnHint), _ending.Token);
            }
            catch (Exception)
            {
                // Hints only make the cluster faster. If the connection is lost, reads and writes fail too, and report the cause.
            }

            _ending.Token.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(_times.Renew));
        }
    }
}
