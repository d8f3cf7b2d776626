using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>What is wrong with a file, and what to do about it.</summary>
internal static class FileProblem
{
    public static string Describe(string path, Exception e) => e switch
    {
        QueueException => e.Message,
        SqliteException { SqliteErrorCode: var code } => code switch
        {
            raw.SQLITE_FULL => $"There is no space left for {path}. Free some on its disk.",
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED =>
                $"{path} is in use by another process, or by another queue. One master has it at a time: stop the other one, or set "
                + "Path to another file.",
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB =>
                $"{path} is damaged, or is no queue at all ({e.Message}). Move it away, with {Path.GetFileName(path)}-wal beside it, "
                + "and the queue begins empty.",
            raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_AUTH => CannotWrite(path, e),
            _ => $"{path} cannot be read or written ({e.Message}). Look at its disk, and at the system's log.",
        },
        UnauthorizedAccessException or IOException => CannotWrite(path, e),
        _ => $"{path} cannot be used ({e.GetType().Name}: {e.Message})",
    };

    private static string CannotWrite(string path, Exception e) =>
        $"{path} cannot be written ({e.Message}). Let this process write it and its directory, or set Path to another file.";
}
