using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Cotyledon.Hosting.Cluster.Postgres;

/// <summary>
/// Keeps the records in one table. A write is one statement, whose condition on the revision makes it a compare-and-swap: PostgreSQL evaluates the
/// condition again when a concurrent write of the row has been committed. Revisions come from the sequence of an identity column, which never goes back.
/// </summary>
/// <remarks>
/// Each read or write is one synchronous statement without an explicit transaction. That takes one round trip and no thread of the pool. Several
/// statements at once (a batch of Npgsql) would take one.
/// </remarks>
internal sealed class PostgresClusterStore : IClusterStore, IDisposable
{
    private const string Channel = "cotyledon_cluster";

    /// <summary>Each call may take this part of a lease.</summary>
    private const int CallsPerLease = 5;

    private const int MinConnections = 4;

    private const string GssEncryption = "GSS Encryption Mode";

    /// <summary>How often a connection without notifications is checked.</summary>
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A condition that is always true. It configures its own statement: the commit is answered only when it is on the disk, even if the default of the
    /// server differs, and each wait for the lock of a row ends after $1 milliseconds. A lock of the whole table is waited for before this is evaluated;
    /// there, the timeout of the command cancels the statement.
    /// </summary>
    private const string IsConfigured =
        "(SELECT set_config('lock_timeout', $1, true) || set_config('synchronous_commit', "
        + "CASE current_setting('synchronous_commit') WHEN 'off' THEN 'local' ELSE current_setting('synchronous_commit') END, true)) IS NOT NULL";

    private readonly Lock _gate = new();
    private readonly NpgsqlConnectionStringBuilder _settings;
    private NpgsqlDataSource? _source;
    private volatile bool _hasTable;

    /// <exception cref="OptionsValidationException">There is no connection string.</exception>
    /// <exception cref="PlatformNotSupportedException">OpenSSL is missing.</exception>
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
        if (!_settings.ShouldSerialize(GssEncryption) && Environment.GetEnvironmentVariable("PGGSSENCMODE") is null)
        {
            _settings.GssEncryptionMode = GssEncryptionMode.Disable; // .NET writes an error to the console where the library of Kerberos is missing.
        }

        _settings.NoResetOnClose = true; // Only Watch changes the state of its session, by LISTEN, which harms no later call.
        _settings.MinPoolSize = 0;
        _settings.MaxPoolSize = Math.Max(_settings.MaxPoolSize, MinConnections);
        _settings.HostRecheckSeconds = 1; // A host that was not available is tried again soon.
        if (_settings.SslMode != SslMode.Disable || HasPassword)
        {
            OpenSsl.Require("The cluster store in PostgreSQL, unless it has SSL Mode=Disable and no password,");
        }

        Description = $"PostgreSQL at {_settings.Host}:{_settings.Port}, database {_settings.Database ?? _settings.Username}";
    }

    public string Description { get; }

    /// <summary>Whether Npgsql finds a password.</summary>
    private bool HasPassword =>
        _settings.Password is not null
        || _settings.Passfile is not null
        || Environment.GetEnvironmentVariable("PGPASSWORD") is not null
        || Environment.GetEnvironmentVariable("PGPASSFILE") is not null
        || File.Exists(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".pgpass"));

    public IReadOnlyList<ClusterRecord> Read(IReadOnlyList<string> prefixes, TimeSpan timeout) => Try(() =>
    {
        using var connection = Open();
        var conditions = string.Join(" OR ", prefixes.Select((_, i) => FormattableString.Invariant($"starts_with(key, ${i + 1})")));
        using var command = Command(connection, timeout, $"SELECT key, value, revision FROM cotyledon_cluster WHERE {conditions}", [.. prefixes]);
        using var reader = command.ExecuteReader();
        var records = new List<ClusterRecord>();
        while (reader.Read())
        {
            records.Add(new ClusterRecord { Key = reader.GetString(0), Value = reader.GetString(1), Revision = reader.GetInt64(2) });
        }

        return records;
    });

    public long? TryWrite(ClusterWrite write, TimeSpan timeout) => Try<long?>(() =>
    {
        using var connection = Open();
        using var command = CommandFor(connection, timeout, write);
        try
        {
            using var reader = command.ExecuteReader();
            long? revision = reader.Read() ? reader.GetInt64(0) : null;

            // Waits for the answer to the commit. Disposal and ExecuteScalar would ignore that it does not come.
            reader.NextResult();
            return revision;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.SerializationFailure)
        {
            return null; // By default, transactions of this database are serializable or repeatable read. Another write came first.
        }
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
        while (IsNotifiedOrQuiet(connection, cancellationToken) is { } isNotified)
        {
            if (!isNotified)
            {
                Execute(connection, "SELECT 1");
            }
        }

        return true;
    });

    public void Dispose() => _source?.Dispose();

    /// <summary>Waits for a notification. Asynchronous only because Npgsql cannot cancel a synchronous wait.</summary>
    /// <returns>Whether there was one; <see langword="null"/> if the wait was cancelled.</returns>
    private static bool? IsNotifiedOrQuiet(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return connection.WaitAsync(CheckInterval, cancellationToken).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static NpgsqlCommand CommandFor(NpgsqlConnection connection, TimeSpan timeout, ClusterWrite write)
    {
        var statement = write switch
        {
            { Value: null } => $"DELETE FROM cotyledon_cluster WHERE key = $2 AND revision = $3 AND {IsConfigured} RETURNING revision",
            { ExpectedRevision: 0 } =>
                $"INSERT INTO cotyledon_cluster (key, value) SELECT $2, $3 WHERE {IsConfigured} ON CONFLICT (key) DO NOTHING RETURNING revision",
            _ => "UPDATE cotyledon_cluster SET value = $3, revision = DEFAULT, written_at = now() "
                + $"WHERE key = $2 AND revision = $4 AND {IsConfigured} RETURNING revision",
        };
        var sql = write.IsAnnounced
            ? $"WITH written AS ({statement}) SELECT revision, pg_notify('{Channel}', $2)::text FROM written"
            : statement;
        var milliseconds = FormattableString.Invariant($"{Math.Max(1, timeout.TotalMilliseconds):0}");
        return write switch
        {
            { Value: null } => Command(connection, timeout, sql, milliseconds, write.Key, write.ExpectedRevision),
            { ExpectedRevision: 0 } => Command(connection, timeout, sql, milliseconds, write.Key, write.Value),
            _ => Command(connection, timeout, sql, milliseconds, write.Key, write.Value, write.ExpectedRevision),
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
