using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>
/// A prepared statement. <see cref="SqliteCommand"/> is not used: it boxes each number, copies each body once more, and sleeps if the file
/// is in use.
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

    /// <summary>Binds the first parameters to <paramref name="values"/>, in their order.</summary>
    public Statement With(params ReadOnlySpan<long> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            Check(raw.sqlite3_bind_int64(_statement, i + 1, values[i]));
        }

        return this;
    }

    /// <summary>Binds the last parameter.</summary>
    public Statement AndBody(ReadOnlySpan<byte> body)
    {
        Check(raw.sqlite3_bind_blob(_statement, raw.sqlite3_bind_parameter_count(_statement), body));
        return this;
    }

    /// <summary>Moves to the next row.</summary>
    /// <returns>False at the end; the statement is reset then and can be used again.</returns>
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

    /// <summary>Ends the statement without reading the remaining rows, so that it can be used again.</summary>
    public void Reset() => _ = raw.sqlite3_reset(_statement); // It returns the error of the previous step, which was handled there.

    /// <summary>Runs the statement to its end.</summary>
    /// <returns>The number of rows that it has changed.</returns>
    public int Run()
    {
        while (Next())
        {
            // Some pragmas return a row.
        }

        return raw.sqlite3_changes(_file);
    }

    public long Number(int column) => raw.sqlite3_column_int64(_statement, column);

    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string() ?? "";

    public byte[] Bytes(int column) => raw.sqlite3_column_blob(_statement, column).ToArray();

    public void Dispose() => _statement?.Dispose();

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _file);
}
