using Npgsql;

namespace Cotyledon.Hosting.Cluster.Tests.Postgres;

/// <summary>The fence that the README of the package shows: a write of an outdated incarnation fails.</summary>
internal sealed class FenceTests
{
    private const string Raise = "UPDATE invoice_fence SET incarnation = $1 WHERE worker_id = 0 AND incarnation <= $1";

    private PostgresServer _server = null!;

    [OneTimeSetUp]
    public void StartServer()
    {
        _server = PostgresServer.StartNew();
        Execute("CREATE TABLE invoices (number bigint GENERATED ALWAYS AS IDENTITY, incarnation bigint)");
        Execute("CREATE TABLE invoice_fence (worker_id int PRIMARY KEY, incarnation bigint NOT NULL)");
        Execute("INSERT INTO invoice_fence VALUES (0, 0)");
    }

    [OneTimeTearDown]
    public void StopServer() => _server?.Dispose();

    [Test]
    public void Statement_is_that_of_the_README()
    {
        var readme = Repository.Read("src/Cotyledon.Hosting.Cluster.Postgres/README.md");
        Assert.That(readme, Does.Contain(Raise.Replace("$1", "4000001", StringComparison.Ordinal)));
    }

    [Test]
    public async Task No_write_of_a_lower_incarnation_is_committed_after_one_of_a_higher_incarnation()
    {
        const int writers = 8, writes = 50;
        var results = await Task.WhenAll(Enumerable.Range(1, writers).Select(incarnation => Task.Factory.StartNew(
            () => Enumerable.Range(0, writes).Count(_ => TryWrite(incarnation)),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        var written = new List<long>();
        using var connection = Open();
        using var command = new NpgsqlCommand("SELECT incarnation FROM invoices ORDER BY number", connection);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            written.Add(reader.GetInt64(0));
        }

        Assert.That(written, Is.Ordered.Ascending);
        Assert.That(results[^1], Is.EqualTo(writes), "the newest writer always succeeds");
        Assert.That(written, Has.Count.EqualTo(results.Sum()));
    }

    private bool TryWrite(long incarnation)
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction();
        using var fence = new NpgsqlCommand(Raise, connection, transaction) { Parameters = { new NpgsqlParameter { Value = incarnation } } };
        if (fence.ExecuteNonQuery() == 0)
        {
            return false;
        }

        using var insert = new NpgsqlCommand("INSERT INTO invoices (incarnation) VALUES ($1)", connection, transaction)
        {
            Parameters = { new NpgsqlParameter { Value = incarnation } },
        };
        insert.ExecuteNonQuery();
        transaction.Commit();
        return true;
    }

    private void Execute(string statement)
    {
        using var connection = Open();
        using var command = new NpgsqlCommand(statement, connection);
        command.ExecuteNonQuery();
    }

    private NpgsqlConnection Open()
    {
        var connection = new NpgsqlConnection(_server.ConnectionString);
        connection.Open();
        return connection;
    }
}
