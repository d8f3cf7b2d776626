using Cotyledon.Hosting.Extensibility;
using Npgsql;

namespace Cotyledon.Hosting.Cluster.Tests.Postgres;

/// <summary>Writes that wait for locks, conflict with others, or are followed by a crash of the server.</summary>
internal sealed partial class PostgresStoreTests
{
    [Test]
    public void Write_that_waits_for_the_lock_of_a_row_is_given_up_by_the_server(
        [Values("inserts", "updates", "deletes")] string kind, [Values] bool isAnnounced)
    {
        var store = Connect();
        var key = $"row/{kind}-{isAnnounced}";
        var revision = kind == "inserts" ? 0 : store.TryWrite(new ClusterWrite { Key = key, Value = "1", ExpectedRevision = 0 }, Timeout)!.Value;
        using var other = new NpgsqlConnection(_server.ConnectionString);
        other.Open();
        using var transaction = other.BeginTransaction();
        using var command = new NpgsqlCommand(
            $"INSERT INTO cotyledon_cluster VALUES ('{key}', 'x') ON CONFLICT (key) DO UPDATE SET value = 'x'", other, transaction);
        command.ExecuteNonQuery();
        var write = new ClusterWrite { Key = key, Value = kind == "deletes" ? null : "2", ExpectedRevision = revision, IsAnnounced = isAnnounced };

        // Far less than a second, after which the client would give up first.
        var limit = TimeSpan.FromMilliseconds(10);
        foreach (var call in (Action[])[() => store.TryWrite(write, limit), () => store.TryWriteAndRead(write, ["row/"], limit)])
        {
            Assert.That(() => ErrorOf(call), Does.Contain("SQLSTATE 55P03").And.Contain("locked the record").After(10_000, 10));
        }

        transaction.Rollback();
        Assert.That(store.Read([key], Timeout).SingleOrDefault()?.Value, Is.EqualTo(kind == "inserts" ? null : "1"));
    }

    [Test]
    public async Task One_of_several_writes_succeeds_and_no_other_fails_whatever_the_default_isolation_is(
        [Values("repeatable read", "serializable")] string isolation, [Values] bool reads)
    {
        var text = $"{_server.ConnectionString};Options=-c default_transaction_isolation={isolation.Replace(" ", "\\ ", StringComparison.Ordinal)}";
        var stores = Enumerable.Range(0, 4).Select(_ => Connect(text)).ToArray();
        var key = $"isolated/{isolation}-{reads}";
        var revision = 0L;
        for (var round = 0; round < 50; round++)
        {
            var write = new ClusterWrite { Key = key, Value = $"{round}", ExpectedRevision = revision, IsAnnounced = true };
            var results = await Task.WhenAll(stores.Select(s => Task.Factory.StartNew(
                () => reads ? Renew(s, write) : s.TryWrite(write, Timeout),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)));
            Assert.That(results.Count(r => r is not null), Is.EqualTo(1));
            revision = results.Max()!.Value;
        }
    }

    [Test]
    public async Task Renewals_at_the_same_time_do_not_fail_in_serializable_transactions()
    {
        var text = $"{_server.ConnectionString};Options=-c default_transaction_isolation=serializable";
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Factory.StartNew(
            () =>
            {
                var (store, revision) = (Connect(text), 0L);
                for (var round = 0; round < 50; round++)
                {
                    var renewed = Renew(store, new ClusterWrite { Key = $"renewed/{i}", Value = $"{round}", ExpectedRevision = revision });
                    Assert.That(renewed, Is.Not.Null);
                    revision = renewed!.Value;
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
    }

    [Test]
    public void Value_that_an_administrator_changes_without_a_new_revision_is_read()
    {
        var (store, before, after) = (Connect(), new string('x', 5000), new string('y', 5000));
        var revision = store.TryWrite(new ClusterWrite { Key = "repaired/a", Value = before, ExpectedRevision = 0 }, Timeout)!.Value;
        Assert.That(store.Read(["repaired/"], Timeout).Single().Value, Is.EqualTo(before));
        Execute($"UPDATE cotyledon_cluster SET value = '{after}' WHERE key = 'repaired/a'");
        Execute($"INSERT INTO cotyledon_cluster (key, value, revision) VALUES ('repaired/b', '{before}', {revision})");
        ClusterRecord[] expected =
        [
            new() { Key = "repaired/a", Value = after, Revision = revision },
            new() { Key = "repaired/b", Value = before, Revision = revision },
        ];
        var read = store.Read(["repaired/"], Timeout);
        Assert.That(read, Is.EquivalentTo(expected));

        // The values are not sent again.
        var again = store.Read(["repaired/"], Timeout);
        Assert.That(again, Is.EquivalentTo(expected));
        Assert.That(again.Select(a => read.Any(r => ReferenceEquals(r.Value, a.Value))), Is.All.True);
        var renewal = new ClusterWrite { Key = "repaired/c", Value = "1", ExpectedRevision = 0 };
        Assert.That(store.TryWriteAndRead(renewal, ["repaired/"], Timeout).Records, Is.EquivalentTo(expected));
    }

    [Test]
    public void Write_that_waits_for_the_lock_of_the_table_is_given_up_by_the_server()
    {
        var store = Connect();
        var revision = store.TryWrite(new ClusterWrite { Key = "locked/a", Value = "1", ExpectedRevision = 0 }, Timeout)!.Value;
        using var other = new NpgsqlConnection(_server.ConnectionString);
        other.Open();
        using (var transaction = other.BeginTransaction())
        {
            using var command = new NpgsqlCommand("LOCK TABLE cotyledon_cluster", other, transaction);
            command.ExecuteNonQuery();
            Assert.That(
                () => store.TryWrite(new ClusterWrite { Key = "locked/a", Value = "2", ExpectedRevision = revision }, TimeSpan.FromSeconds(1)),
                Throws.TypeOf<ClusterStoreException>());
            Assert.That(
                () => Execute("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"), Is.Zero.After(10_000, 50), "processes that wait");
        }

        // The server did not write it later.
        Assert.That(store.Read(["locked/"], Timeout).Single().Value, Is.EqualTo("1"));
        Assert.That(store.TryWrite(new ClusterWrite { Key = "locked/a", Value = null, ExpectedRevision = revision }, Timeout), Is.Not.Null);
    }

    [TestCase(false, "1", false)]
    [TestCase(false, "1", true)]
    [TestCase(true, "2", false)]
    [TestCase(true, "2", true)]
    [TestCase(true, null, false)]
    public void Answered_write_survives_a_kill_of_the_server_even_with_synchronous_commit_off(bool exists, string? value, bool reads)
    {
        var store = Connect();
        var revision = exists ? store.TryWrite(new ClusterWrite { Key = "disk/a", Value = "1", ExpectedRevision = 0 }, Timeout)!.Value : 0;
        SetSynchronousCommitOff();
        var write = new ClusterWrite { Key = "disk/a", Value = value, ExpectedRevision = revision, IsAnnounced = exists };
        Assert.That(reads ? Renew(Connect(), write) : Connect().TryWrite(write, Timeout), Is.Not.Null);
        KillAndRestart();
        var found = Connect().Read(["disk/"], Timeout).SingleOrDefault();
        Assert.That(found?.Value, Is.EqualTo(value));
        if (found is not null)
        {
            Connect().TryWrite(new ClusterWrite { Key = "disk/a", Value = null, ExpectedRevision = found.Revision }, Timeout);
        }
    }

    [Test]
    public async Task Write_that_was_repeated_after_a_conflict_survives_a_kill_of_the_server([Values] bool reads)
    {
        var key = $"repeated/{reads}";
        var revision = Connect().TryWrite(new ClusterWrite { Key = key, Value = "1", ExpectedRevision = 0 }, Timeout)!.Value;
        SetSynchronousCommitOff();
        var store = Connect($@"{_server.ConnectionString};Options=-c default_transaction_isolation=repeatable\ read");
        var write = new ClusterWrite { Key = key, Value = "2", ExpectedRevision = revision };
        Task<long?> written;
        using (var other = new NpgsqlConnection(_server.ConnectionString))
        {
            other.Open();
            using var transaction = other.BeginTransaction();
            using var command = new NpgsqlCommand($"UPDATE cotyledon_cluster SET written_at = now() WHERE key = '{key}'", other, transaction);
            command.ExecuteNonQuery();
            written = Task.Factory.StartNew(
                () => reads ? Renew(store, write) : store.TryWrite(write, Timeout),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
            Assert.That(() => Execute("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"), Is.EqualTo(1).After(10_000, 20));
            transaction.Commit(); // The statement that waits fails with SQLSTATE 40001.
        }

        Assert.That(await written, Is.Not.Null);
        KillAndRestart();
        Assert.That(Connect().Read([key], Timeout).Single().Value, Is.EqualTo("2"));
    }

    private void SetSynchronousCommitOff()
    {
        Execute("ALTER SYSTEM SET synchronous_commit = off", "ALTER SYSTEM SET wal_writer_delay = '10s'", "SELECT pg_reload_conf()");
        Assert.That(() => Execute("SELECT 1 WHERE current_setting('synchronous_commit') = 'off'"), Is.EqualTo(1).After(10_000, 20));
    }

    private void KillAndRestart()
    {
        _server.Kill();
        _server.Start();
        Assert.That(() => Execute("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()"), Is.EqualTo(1).After(30_000, 100));
    }

    private static string ErrorOf(Action call) => Assert.Throws<ClusterStoreException>(() => call())!.Message;
}
