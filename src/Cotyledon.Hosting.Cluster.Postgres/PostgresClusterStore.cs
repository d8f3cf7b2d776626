using Cotyledon.Hosting.Extensibility;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Cotyledon.Hosting.Cluster.Postgres;

/// <summary>
/// Keeps the records in one table. A write is one statement, whose condition on the revision makes it a compare-and-swap: PostgreSQL evaluates the
/// condition again when a concurrent write of the row has been committed. Revisions come from the sequence of an identity column, which never goes back.
/// </summary>
/// <remarks>
/// All calls are synchronous and of one statement each, because Npgsql needs no thread of the pool then. For several statements at once (a batch) it
/// would need one.
/// </remarks>
internal sealed class PostgresClusterStore : IClusterStore, IDisposable
{
    private const string Channel = "cotyledon_cluster";

    /// <summary>Each call may take this part of a lease.</summary>
    private const int CallsPerLease = 5;

    private const int MinConnections = 4;

    /// <summary>How long a wait for notifications lasts, which cannot be cancelled.</summary>
    private static readonly TimeSpan WaitSlice = TimeSpan.FromSeconds(2);

    /// <summary>How often a connection without notifications is checked.</summary>
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly NpgsqlConnectionStringBuilder _settings;
    private NpgsqlDataSource? _source;
    private volatile bool _hasTable;

    /// <exception cref="OptionsValidationException">There is no connection string.</exception>
    public PostgresClusterStore(IOptions<CotyledonPostgresClusterOptions> options, IOptions<CotyledonOptions> cluster)
    {
        if (options.Value.ConnectionString is not { } connectionString)
        {
            throw new OptionsValidationException(
                Options.DefaultName, typeof(CotyledonPostgresClusterOptions), [PostgresOptionsCheck.MissingConnectionString]);
        }

        _settings = new NpgsqlConnectionStringBuilder(connectionString);
        var hosts = _settings.Host!.Count(c => c == ',') + 1;
        _settings.Timeout = SecondsOf(cluster.Value.Cluster.LeaseDuration / (CallsPerLease * hosts));
        _settings.CancellationTimeout = -1; // Does not wait for a canceled command; the connection is closed.
        _settings.ApplicationName ??= "Cotyledon.Hosting cluster";
        _settings.Enlist = _settings.Multiplexing = false;
        _settings.MinPoolSize = 0;
        _settings.MaxPoolSize = Math.Max(_settings.MaxPoolSize, MinConnections);
        _settings.HostRecheckSeconds = 1; // A host that was not available is tried again soon.
        Description = $"PostgreSQL at {_settings.Host}:{_settings.Port}, database {_settings.Database ?? _settings.Username}";
    }

    public string Description { get; }

    public IReadOnlyList<ClusterRecord> Read(string prefix, TimeSpan timeout) => Try(() =>
    {
        using var connection = Open();
        using var command = Command(
            connection, timeout, "SELECT key, value, revision FROM cotyledon_cluster WHERE starts_with(key, $1)", prefix);
        using var reader = command.ExecuteReader();
        var records = new List<ClusterRecord>();
        while (reader.Read())
        {
            records.Add(new ClusterRecord { Key = reader.GetString(0), Value = reader.GetString(1), Revision = reader.GetInt64(2) });
        }

        return records;
    });

    public long? TryWrite(ClusterWrite write, TimeSpan timeout) => Try(() =>
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction();
        Configure(connection, timeout);
        using var command = CommandFor(connection, timeout, write);
        var revision = (long?)command.ExecuteScalar();
        transaction.Commit();
        return revision;
    });

    public void Watch(string prefix, Action onChanged, CancellationToken cancellationToken) => Try(() =>
    {
        using var connection = Open();
        connection.Notification += (_, e) =>
        {
            if (e.Payload.StartsWith(prefix, StringComparison.Ordinal))
            {
                onChanged();
            }
        };
        Execute(connection, $"LISTEN {Channel}");
        var quiet = TimeSpan.Zero;
        while (!cancellationToken.IsCancellationRequested)
        {
            quiet = connection.Wait(WaitSlice) ? TimeSpan.Zero : quiet + WaitSlice;
            if (quiet >= CheckInterval)
            {
                Execute(connection, "SELECT 1");
                quiet = TimeSpan.Zero;
            }
        }

        return true;
    });

    public void Dispose() => _source?.Dispose();

    private static NpgsqlCommand CommandFor(NpgsqlConnection connection, TimeSpan timeout, ClusterWrite write)
    {
        var statement = write switch
        {
            { Value: null } => "DELETE FROM cotyledon_cluster WHERE key = $1 AND revision = $2 RETURNING revision",
            { ExpectedRevision: 0 } => "INSERT INTO cotyledon_cluster (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING RETURNING revision",
            _ => "UPDATE cotyledon_cluster SET value = $2, revision = DEFAULT, written_at = now() WHERE key = $1 AND revision = $3 RETURNING revision",
        };
        var sql = write.IsAnnounced
            ? $"WITH written AS ({statement}) SELECT revision, pg_notify('{Channel}', $1)::text FROM written"
            : statement;
        return write switch
        {
            { Value: null } => Command(connection, timeout, sql, write.Key, write.ExpectedRevision),
            { ExpectedRevision: 0 } => Command(connection, timeout, sql, write.Key, write.Value),
            _ => Command(connection, timeout, sql, write.Key, write.Value, write.ExpectedRevision),
        };
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, TimeSpan timeout, string sql, params ReadOnlySpan<object> parameters)
    {
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = SecondsOf(timeout) };
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter is string text
                ? new NpgsqlParameter<string> { TypedValue = text }
                : new NpgsqlParameter<long> { TypedValue = (long)parameter });
        }

        return command;
    }

    /// <summary>
    /// Configures the present transaction: its commit is on the disk when it is answered, also if the default of the server differs, and the server
    /// does not wait for a lock for longer than the caller.
    /// </summary>
    private static void Configure(NpgsqlConnection connection, TimeSpan timeout)
    {
        using var command = Command(
            connection,
            timeout,
            "SELECT set_config('statement_timeout', $1, true), set_config('synchronous_commit', "
            + "CASE current_setting('synchronous_commit') WHEN 'off' THEN 'local' ELSE current_setting('synchronous_commit') END, true)",
            FormattableString.Invariant($"{timeout.TotalMilliseconds:0}"));
        command.ExecuteNonQuery();
    }

    private NpgsqlConnection Open()
    {
        lock (_gate)
        {
            _source ??= CreateSource();
        }

        var connection = _source.OpenConnection();
        try
        {
            CreateTable(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>With several hosts, the primary one is used. A single host is always tried.</summary>
    private NpgsqlDataSource CreateSource()
    {
        var builder = new NpgsqlDataSourceBuilder(_settings.ConnectionString);
        return _settings.Host!.Contains(',', StringComparison.Ordinal)
            ? builder.BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary)
            : builder.Build();
    }

    private void CreateTable(NpgsqlConnection connection)
    {
        if (_hasTable)
        {
            return;
        }

        using var exists = new NpgsqlCommand("SELECT to_regclass('cotyledon_cluster') IS NOT NULL", connection);
        if (exists.ExecuteScalar() is false)
        {
            try
            {
                Execute(connection, PostgresProblem.TableDefinition);
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.UniqueViolation)
            {
                // Another program has created it at the same time.
            }
        }

        _hasTable = true;
    }

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    private static int SecondsOf(TimeSpan timeout) => Math.Max(1, (int)Math.Ceiling(timeout.TotalSeconds));

    private T Try<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException or ObjectDisposedException or IOException)
        {
            throw new ClusterStoreException(PostgresProblem.Describe(e, _settings.Username), e);
        }
    }
}
