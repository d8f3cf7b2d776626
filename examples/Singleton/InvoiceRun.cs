using Cotyledon.Hosting;
using Npgsql;

namespace Singleton;

/// <summary>
/// Writes invoices, once in the whole cluster. Here every few seconds; a nightly run would wait until two o'clock instead.
/// </summary>
internal sealed class InvoiceRun(IWorkerContext worker, IConfiguration configuration, ILogger<InvoiceRun> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var source = NpgsqlDataSource.Create(configuration.GetConnectionString("Orders")!);
        await CreateTablesAsync(source, stoppingToken);
        using var timer = new PeriodicTimer(configuration.GetValue("InvoiceRun:Interval", TimeSpan.FromSeconds(5)));
        do
        {
            var number = await WriteInvoiceAsync(source, stoppingToken);
            logger.LogInformation("Invoice {Number} was written by process {ProcessId}, incarnation {Incarnation}.",
                number, Environment.ProcessId, worker.Incarnation);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>
    /// Writes one invoice. The fence is raised in the same transaction: if a worker with a higher incarnation has written already, this
    /// one is outdated, and its transaction fails. So a write is rejected even if it was on its way while the lease ended.
    /// </summary>
    private async Task<long> WriteInvoiceAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var fence = new NpgsqlCommand("UPDATE invoice_fence SET incarnation = $1 WHERE worker_id = $2 AND incarnation <= $1", connection, transaction)
        {
            Parameters = { new() { Value = worker.Incarnation }, new() { Value = worker.WorkerId } },
        };
        if (await fence.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            throw new InvalidOperationException($"Incarnation {worker.Incarnation} is outdated: a newer worker has written invoices.");
        }

        await using var insert = new NpgsqlCommand("INSERT INTO invoices (incarnation) VALUES ($1) RETURNING number", connection, transaction)
        {
            Parameters = { new() { Value = worker.Incarnation } },
        };
        var number = (long)(await insert.ExecuteScalarAsync(cancellationToken))!;
        await transaction.CommitAsync(cancellationToken);
        return number;
    }

    private static async Task CreateTablesAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var create = source.CreateCommand(
            """
            CREATE TABLE IF NOT EXISTS invoices (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, incarnation bigint NOT NULL,
              written_at timestamptz NOT NULL DEFAULT now());
            CREATE TABLE IF NOT EXISTS invoice_fence (worker_id int PRIMARY KEY, incarnation bigint NOT NULL);
            INSERT INTO invoice_fence VALUES (0, 0) ON CONFLICT DO NOTHING;
            """);
        await create.ExecuteNonQueryAsync(cancellationToken);
    }
}
