using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Options;
using Npgsql;
using static Cotyledon.Hosting.Cluster.Postgres.PostgresStatements;

namespace Cotyledon.Hosting.Cluster.Postgres;

/// <summary>
/// Keeps the records in one table. A write is one statement, whose condition on the revision makes it a compare-and-swap: PostgreSQL evaluates the
/// condition again when a concurrent write of the row has been committed. Revisions come from the sequence of an identity column, which never goes back.
/// </summary>
/// <remarks>
/// Each read or write is one synchronous statement without an explicit transaction. That takes one round trip and no thread of the pool. Several
/// statements at once (a batch of Npgsql) would need a thread of the pool. <see cref="ExecuteOrRepeat{T}"/> has one exception.
/// </remarks>
internal sealed class PostgresClusterStore : IClusterStore, IDisposable
{
    /// <summary>Each call may take this part of a lease.</summary>
    private const int CallsPerLease = 5;

    private const int MinConnections = 4;

    /// <summary>In seconds.</summary>
    private const int MaxIdleLifetime = 24 * 60 * 60;

    /// <summary>A value of this length or more is not sent again while it does not change, in characters.</summary>
    private const int LongValue = 1000;

    private const string GssEncryption = "GSS Encryption Mode";

    /// <summary>How often a connection without notifications is checked.</summary>
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly NpgsqlConnectionStringBuilder _settings;
    private NpgsqlDataSource? _source;
    private volatile bool _hasTable;

    /// <summary>The long values of the last read, by the hash that the server computes.</summary>
    private volatile IReadOnlyDictionary<long, string> _known = new Dictionary<long, string>();

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
        _settings.CommandTimeout = _settings.Timeout; // Of the statements that prepare a connection. Calls set their own timeout.
        _settings.CancellationTimeout = -1; // Does not wait for a canceled command; the connection is closed.
        _settings.ApplicationName ??= "Cotyledon.Hosting cluster";
        _settings.Enlist = _settings.Multiplexing = false;
        if (!_settings.ShouldSerialize(GssEncryption) && Environment.GetEnvironmentVariable("PGGSSENCMODE") is null)
        {
            _settings.GssEncryptionMode = GssEncryptionMode.Disable; // .NET writes an error to the console where the library of Kerberos is missing.
        }

        _settings.NoResetOnClose = true; // Only Watch changes the state of its session, by LISTEN, which harms no later call.
        _settings.MinPoolSize = 0;

        // How often Npgsql looks for idle connections. The default is ten seconds; the timer allows some weeks.
        _settings.ConnectionPruningInterval = _settings.ConnectionIdleLifetime = Math.Clamp(_settings.ConnectionIdleLifetime, 1, MaxIdleLifetime);
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
        var known = _known;
        using var connection = Open();
        using var command = Command(connection, timeout);
        var hashes = Add(command, known.Keys.ToArray());
        command.CommandText = $"SELECT {Columns(hashes)} FROM cotyledon_cluster WHERE {Condition(command, prefixes)}";
        return ExecuteOrRepeat(command, reader =>
        {
            var records = new List<ClusterRecord>();
            var values = new Dictionary<long, string>();
            while (reader.Read())
            {
                records.Add(RecordOf(reader, known, values));
            }

            _known = values;
            return records;
        });
    });

    public long? TryWrite(ClusterWrite write, TimeSpan timeout) => Try<long?>(() =>
    {
        using var connection = Open();
        using var command = Command(connection, timeout);
        var statement = StatementOf(command, timeout, write);
        command.CommandText = write.IsAnnounced ? $"WITH written AS ({statement}) SELECT revision, {Notify} FROM written" : statement;
        return ExecuteOrRepeat<long?>(command, reader => reader.Read() ? reader.GetInt64(0) : null);
    });

    /// <summary>The records are those before the write, because a statement does not see what it writes itself.</summary>
    public ClusterWriteResult TryWriteAndRead(ClusterWrite write, IReadOnlyList<string> prefixes, TimeSpan timeout) => Try(() =>
    {
        var known = _known;
        using var connection = Open();
        using var command = Command(connection, timeout);
        var written = $"WITH written AS ({StatementOf(command, timeout, write)})";
        var hashes = Add(command, known.Keys.ToArray());
        var told = write.IsAnnounced ? $"(SELECT {Notify} FROM written)" : "''";
        command.CommandText = $"{written} SELECT {Columns(hashes)}, (SELECT revision FROM written), {told} "
            + $"FROM (SELECT 1) AS one LEFT JOIN cotyledon_cluster ON {Condition(command, prefixes)}";
        return ExecuteOrRepeat(command, reader =>
        {
            long? revision = null;
            var records = new List<ClusterRecord>();
            var values = new Dictionary<long, string>();
            while (reader.Read())
            {
                revision = reader.IsDBNull(ColumnCount) ? null : reader.GetInt64(ColumnCount);
                if (!reader.IsDBNull(0))
                {
                    records.Add(RecordOf(reader, known, values));
                }
            }

            _known = values;
            return new ClusterWriteResult { Revision = revision, Records = records };
        });
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
        Execute(connection, $"LISTEN {NotificationChannel}");
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

    private static ClusterRecord RecordOf(NpgsqlDataReader reader, IReadOnlyDictionary<long, string> known, Dictionary<long, string> values)
    {
        var hash = reader.GetInt64(3);
        var value = reader.IsDBNull(1) ? known[hash] : reader.GetString(1);
        if (value.Length >= LongValue)
        {
            values[hash] = value;
        }

        return new ClusterRecord { Key = reader.GetString(0), Value = value, Revision = reader.GetInt64(2) };
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
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateTable
                or PostgresErrorCodes.DuplicateObject
                or PostgresErrorCodes.UniqueViolation)
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
