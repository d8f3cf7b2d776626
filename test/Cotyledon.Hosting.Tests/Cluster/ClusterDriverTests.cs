using System.Collections.Concurrent;
using Cotyledon.Hosting.Cluster;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Tests.Cluster;

/// <summary>Drivers of several programs on one store. Times are those of the machine, with short leases.</summary>
/// <param name="readsWithWrites">Whether a renewal and its read are one call of the store.</param>
[Category("Long"), Parallelizable(ParallelScope.All)]
[TestFixture(true)]
[TestFixture(false)]
internal sealed class ClusterDriverTests(bool readsWithWrites)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ShortestLease = TimeSpan.FromSeconds(5);

    /// <summary>Its last part, in which the ids must be revoked, takes almost three seconds.</summary>
    private static readonly TimeSpan LongerLease = TimeSpan.FromSeconds(12);

    /// <summary>How long workers may run after a renewal, in milliseconds.</summary>
    private static readonly long Kill = ClusterTimes.Of(ShortestLease).Kill;

    private static readonly ServiceSettings Shared = new() { Name = "Shared", Workers = 4, Scope = WorkerScope.Cluster };

    private readonly MemoryClusterStore _store = new() { ReadsWithWrites = readsWithWrites };
    private readonly List<Program> _programs = [];

    [TearDown]
    public void Stop()
    {
        _programs.ForEach(p => p.Driver.Dispose());
        _programs.Clear();
        _store.Failure = null;
        _store.Answering.Set();
    }

    [Test]
    public void First_program_gets_all_ids_and_leaves_them_to_the_second_one_when_it_stops()
    {
        var first = Start();
        first.Until(() => first.Held.Count == 4);
        Assert.That(first.Messages.OfType<SupervisorMessage.ClusterScaled>().First().Workers, Is.EqualTo(4));
        var second = Start();
        second.Until(() => second.Driver.Observation is not null);

        first.Driver.Execute(new SupervisorCommand.LeaveCluster());
        Assert.That(first.Driver.WaitUntilLeft(Limit));
        second.Until(() => second.Held.Count == 4);
        Assert.That(second.Held.Values.Select(g => g.FirstIncarnation), Is.All.EqualTo(1_000_001));
    }

    [Test]
    public void Ids_are_revoked_before_the_lease_ends_if_the_store_fails_and_granted_again_when_it_answers()
    {
        var program = Start(lease: LongerLease);
        program.Until(() => program.Held.Count == 4);
        _store.Failure = "out of order";
        program.Until(() => program.Driver.Problem == "out of order.");
        program.Until(() => program.Held.IsEmpty);
        var revoked = program.Messages.OfType<SupervisorMessage.SlotRevoked>().ToList();
        Assert.That(revoked.Select(r => r.Reason), Is.All.EqualTo(WorkerExitReason.LeaseEnded));
        Assert.That(revoked.Select(r => r.Cause), Is.All.Contains("the cluster store cannot be used"));
        Assert.That(program.LogLines, Is.EqualTo(1), "a problem is logged once");

        _store.Failure = null;
        program.Until(() => program.Held.Count == 4);
        program.Until(() => program.Driver.Problem is null);
    }

    [Test]
    public void Renewal_whose_answer_is_late_is_found_by_a_read()
    {
        var program = Start(lease: LongerLease);
        program.Until(() => program.Held.Count == 4);
        _store.Answering.Reset();
        program.Until(() => program.Driver.Problem?.StartsWith("it did not answer within", StringComparison.Ordinal) == true);
        var last = _store.Renewals[^1];
        _store.Answering.Set();
        program.Until(() => program.Driver.Problem is null && _store.Renewals.Count(r => r > last) >= 3);
        Assert.That(program.Messages.OfType<SupervisorMessage.SlotRevoked>(), Is.Empty);
    }

    [Test]
    public void Program_whose_last_renewal_was_lost_by_the_store_begins_a_new_session()
    {
        var program = Start();
        program.Until(() => program.Held.Count == 4);
        var records = _store.Records;
        var renewals = _store.Renewals.Count;
        program.Until(() => _store.Renewals.Count >= renewals + 2); // The second one shows that the program knows of the first one.
        _store.Restore(records);
        program.Until(() => program.Held.IsEmpty);
        program.Until(() => program.Held.Count == 4);
        Assert.That(program.Held.Values.Select(g => g.FirstIncarnation), Is.All.EqualTo(1_000_001));
    }

    [Test]
    public void Each_renewal_is_reported_until_they_fail()
    {
        var program = Start();
        program.Until(() => _store.Renewals.Count >= 4);
        _store.Failure = "out of order";
        program.Until(() => program.Messages.OfType<SupervisorMessage.LeaseExpired>().Any());
        Assert.That(Leases(), Is.Ordered);
        Assert.That(Leases(), Has.Count.EqualTo(_store.Renewals.Count));

        // A lease counts from the time at which its renewal was sent, which is before the store has it, but after the store had the one before.
        Assert.That(Leases()[^1], Is.InRange(_store.Renewals[^2] + Kill, _store.Renewals[^1] + Kill));

        List<long> Leases() => [.. program.Messages.OfType<SupervisorMessage.LeaseExtended>().Select(m => m.LeaseEnd)];
    }

    [Test]
    public void Invalid_record_stops_all_changes_until_it_is_gone_and_the_work_goes_on()
    {
        var program = Start(lease: LongerLease);
        program.Until(() => program.Held.Count == 4);
        var roster = _store.Records.Values.Single(r => r.Key.Contains("roster", StringComparison.Ordinal));
        var broken = _store.TryWrite(new ClusterWrite { Key = roster.Key, Value = "{\"protocol\":1,", ExpectedRevision = roster.Revision }, Limit);
        program.Until(() => program.Driver.Problem?.Contains("'tests/roster/Shared' is invalid", StringComparison.Ordinal) == true);

        // The renewals still succeed, also after one without an answer.
        UntilRenewed(2);
        _store.Answering.Reset();
        program.Until(() => _store.Renewals[^1] < BootClock.Now - ClusterTimes.Of(LongerLease).Renew);
        _store.Answering.Set();
        UntilRenewed(3);
        Assert.That(program.Held, Has.Count.EqualTo(4));
        _store.TryWrite(new ClusterWrite { Key = roster.Key, Value = roster.Value, ExpectedRevision = broken!.Value }, Limit);
        program.Until(() => program.Driver.Problem is null);
        Assert.That(program.Held, Has.Count.EqualTo(4));
        Assert.That(program.Messages.OfType<SupervisorMessage.SlotRevoked>(), Is.Empty);

        void UntilRenewed(int times)
        {
            var last = _store.Renewals[^1];
            program.Until(() => _store.Renewals.Count(r => r > last) >= times);
        }
    }

    [Test]
    public void Store_that_has_had_an_invalid_record_since_the_start_has_answered()
    {
        _store.TryWrite(new ClusterWrite { Key = "tests/roster/Shared", Value = "{\"protocol\":1,", ExpectedRevision = 0 }, Limit);
        var program = Start();
        program.Until(() => program.Driver.Problem?.Contains("'tests/roster/Shared' is invalid", StringComparison.Ordinal) == true);
        Assert.That(program.Driver.HasAnswered);
        Assert.That(program.Driver.Observation, Is.Null);
    }

    [Test]
    public void Id_is_vacant_after_a_lease_also_if_the_time_of_day_steps_back()
    {
        var clock = new SteppingClock();
        var program = Start(Shared with { MaxWorkersHere = 0 }, clock: clock);
        program.Until(() => program.Driver.Observation is not null);
        clock.Step = TimeSpan.FromHours(-2);
        program.Until(() => program.Driver.Observation!.Vacant.Count == 4);
        Assert.That(program.Driver.Observation!.ReadAt, Is.LessThan(TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(1)));
    }

    [Test]
    public void Store_that_breaks_its_contract_does_not_end_the_process()
    {
        var program = Start();
        program.Until(() => program.Held.Count == 4);
        _store.ReturnsEachRecordTwice = true;
        program.Until(() => program.Driver.Problem?.StartsWith("The program has left the cluster after an error", StringComparison.Ordinal) == true);
        Assert.That(program.Driver.WaitUntilLeft(Limit));
    }

    [Test]
    public void Different_numbers_of_workers_are_reported_and_the_largest_number_applies()
    {
        var first = Start();
        first.Until(() => first.Held.Count == 4);
        Start(Shared with { Workers = 2 });
        first.Until(() => first.Driver.Observation!.Disagreements(["Shared"]).Any());
        Assert.That(first.Driver.Observation!.Disagreements(["Shared"]).Single(), Does.StartWith("Shared: the machines are configured with different numbers of workers"));
        Assert.That(first.Messages.OfType<SupervisorMessage.ClusterScaled>().Select(r => r.Workers), Is.All.EqualTo(4));
    }

    private Program Start(ServiceSettings? settings = null, TimeSpan? lease = null, TimeProvider? clock = null)
    {
        var program = new Program(_store, lease ?? ShortestLease, clock ?? TimeProvider.System);
        _programs.Add(program);
        program.Driver.Execute(new SupervisorCommand.OfferServices([settings ?? Shared]));
        return program;
    }

    /// <summary>The time of day can be changed, as an administrator or NTP does it.</summary>
    private sealed class SteppingClock : TimeProvider
    {
        private long _step;

        public TimeSpan Step
        {
            get => TimeSpan.FromTicks(Volatile.Read(ref _step));
            set => Volatile.Write(ref _step, value.Ticks);
        }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Step;
    }

    /// <summary>A supervisor whose workers start and stop at once.</summary>
    private sealed class Program
    {
        private readonly ConcurrentQueue<SupervisorMessage> _messages = new();
        private int _logLines;

        public Program(MemoryClusterStore store, TimeSpan lease, TimeProvider clock)
        {
            var settings = new ClusterSettings("tests", lease);
            Driver = new ClusterDriver(settings, store, Take, _ => Interlocked.Increment(ref _logLines), clock);
        }

        public ClusterDriver Driver { get; }

        public ConcurrentDictionary<int, SupervisorMessage.SlotGranted> Held { get; } = new();

        public IReadOnlyCollection<SupervisorMessage> Messages => _messages;

        public int LogLines => Volatile.Read(ref _logLines);

        public void Until(Func<bool> condition) => Assert.That(condition, Is.True.After((int)Limit.TotalMilliseconds, 20));

        private void Take(SupervisorMessage message)
        {
            _messages.Enqueue(message);
            switch (message)
            {
                case SupervisorMessage.SlotGranted granted:
                    Held[granted.WorkerId] = granted;
                    break;
                case SupervisorMessage.SlotRevoked revoked:
                    Held.TryRemove(revoked.WorkerId, out _);
                    Driver.Execute(new SupervisorCommand.ReportVacant(revoked.Service, revoked.WorkerId, revoked.Grant));
                    break;
            }
        }
    }
}
