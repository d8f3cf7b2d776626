using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>
/// A prepared statement. Instead of a <see cref="SqliteCommand"/>, which boxes each number, copies each body once more, and sleeps
/// where it finds a file in use.
/// </summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 _file;
    private readonly sqlite3_stmt _statement;

    public Statement(SqliteConnection connection, string sql)
    {
        _file = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_file, sql, out _statement));
    }

    /// <summary>Values of the parameters, in their order, from the first on.</summary>
    public Statement With(params ReadOnlySpan<long> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            Check(raw.sqlite3_bind_int64(_statement, i + 1, values[i]));
        }

        return this;
    }

    /// <summary>The value of the last parameter.</summary>
    public Statement AndBody(ReadOnlySpan<byte> body)
    {
        Check(raw.sqlite3_bind_blob(_statement, raw.sqlite3_bind_parameter_count(_statement), body));
        return this;
    }

    /// <summary>To the next row, or to the end; after the end it can be used again.</summary>
    public bool Next()
    {
        var result = raw.sqlite3_step(_statement);
        if (result == raw.SQLITE_ROW)
        {
            return true;
        }

        Reset();
        if (result != raw.SQLITE_DONE)
        {
            Check(result);
        }

        return false;
    }

    /// <summary>Without looking at the rest.</summary>
    public void Reset() => _ = raw.sqlite3_reset(_statement); // What it returns is the error of the step before.

    /// <returns>How many rows it has changed.</returns>
    public int Run()
    {
        while (Next())
        {
            // A pragma answers with a row.
        }

        return raw.sqlite3_changes(_file);
    }

    public long Number(int column) => raw.sqlite3_column_int64(_statement, column);

    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string() ?? "";

    public byte[] Bytes(int column) => raw.sqlite3_column_blob(_statement, column).ToArray();

    public void Dispose() => _statement?.Dispose();

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _file);
}
