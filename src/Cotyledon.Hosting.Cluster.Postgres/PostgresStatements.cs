using System.Data;
using System.Diagnostics;
using Cotyledon.Hosting.Extensibility;
using Npgsql;

namespace Cotyledon.Hosting.Cluster.Postgres;

/// <summary>The statements of <see cref="PostgresClusterStore"/>: their parts, their parameters, and how they are executed.</summary>
internal static class PostgresStatements
{
    public const string NotificationChannel = "cotyledon_cluster";

    /// <summary>The number of <see cref="Columns"/>.</summary>
    public const int ColumnCount = 4;

    /// <summary>Sends the key, which is the second parameter of each write, to those who listen.</summary>
    public const string Notify = $"pg_notify('{NotificationChannel}', $2)::text";

    private const string Hash = "hashtextextended(value COLLATE \"C\", 0)";

    /// <summary>
    /// A condition that is always true. It configures its own statement: the commit is answered only when it is on the disk, even if the default of the
    /// server differs, and each wait for the lock of a row ends after $1 milliseconds. A lock of the whole table is waited for before this is evaluated;
    /// there, the timeout of the command cancels the statement.
    /// </summary>
    private const string IsConfigured =
        "(SELECT set_config('lock_timeout', $1, true) || set_config('synchronous_commit', "
        + "CASE current_setting('synchronous_commit') WHEN 'off' THEN 'local' ELSE current_setting('synchronous_commit') END, true)) IS NOT NULL";

    /// <summary>Returns the statement of a write, and adds its parameters, which must be the first ones of the command.</summary>
    public static string StatementOf(NpgsqlCommand command, TimeSpan timeout, ClusterWrite write)
    {
        Add(command, FormattableString.Invariant($"{Math.Max(1, timeout.TotalMilliseconds):0}"));
        Add(command, write.Key);
        switch (write)
        {
            case { Value: null }:
                Add(command, write.ExpectedRevision);
                return $"DELETE FROM cotyledon_cluster WHERE key = $2 AND revision = $3 AND {IsConfigured} RETURNING revision";
            case { ExpectedRevision: 0 }:
                Add(command, write.Value);
                return $"INSERT INTO cotyledon_cluster (key, value) SELECT $2, $3 WHERE {IsConfigured} ON CONFLICT (key) DO NOTHING RETURNING revision";
            default:
                Add(command, write.Value);
                Add(command, write.ExpectedRevision);
                return "UPDATE cotyledon_cluster SET value = $3, revision = DEFAULT, written_at = now() "
                    + $"WHERE key = $2 AND revision = $4 AND {IsConfigured} RETURNING revision";
        }
    }

    /// <summary>The columns of a record: its key, its value, its revision, and the hash of its value. A value whose hash is in a parameter is not sent.</summary>
    public static string Columns(string knownHashes) => $"key, CASE WHEN {Hash} = ANY({knownHashes}) THEN NULL ELSE value END, revision, {Hash}";

    public static string Condition(NpgsqlCommand command, IReadOnlyList<string> prefixes) =>
        string.Join(" OR ", prefixes.Select(prefix => $"starts_with(key, {Add(command, prefix)})"));

    public static NpgsqlCommand Command(NpgsqlConnection connection, TimeSpan timeout) =>
        new() { Connection = connection, CommandTimeout = SecondsOf(timeout) };

    /// <summary>
    /// Executes a statement, again in a transaction if it conflicts with a concurrent one. That happens mostly if transactions of the database are
    /// serializable or repeatable read by default, and then also to statements that change different records. Nothing was written in that case.
    /// </summary>
    public static T ExecuteOrRepeat<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read)
    {
        var begin = Stopwatch.GetTimestamp();
        try
        {
            return ExecuteOnce(command, read);
        }
        catch (PostgresException e) when (
            e.SqlState == PostgresErrorCodes.SerializationFailure
            && command.Connection!.State == ConnectionState.Open
            && Stopwatch.GetElapsedTime(begin).TotalSeconds < command.CommandTimeout)
        {
            command.CommandTimeout = SecondsOf(TimeSpan.FromSeconds(command.CommandTimeout) - Stopwatch.GetElapsedTime(begin));
            using var transaction = command.Connection.BeginTransaction(IsolationLevel.ReadCommitted);
            var result = ExecuteOnce(command, read);
            transaction.Commit();
            return result;
        }
    }

    /// <returns>The parameter as it is written in the statement.</returns>
    public static string Add<T>(NpgsqlCommand command, T value)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return FormattableString.Invariant($"${command.Parameters.Count}");
    }

    public static int SecondsOf(TimeSpan timeout) => Math.Max(1, (int)Math.Ceiling(timeout.TotalSeconds));

    private static T ExecuteOnce<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read)
    {
        using var reader = command.ExecuteReader();
        var result = read(reader);

        // Waits for the answer to the commit. Disposal and ExecuteScalar would ignore that it does not come.
        reader.NextResult();
        return result;
    }
}
