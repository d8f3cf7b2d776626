using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>Describes a problem with a file, and its remedy.</summary>
internal static class FileProblem
{
    public static string Describe(string path, Exception e) => e switch
    {
        QueueException => e.Message,
        SqliteException { SqliteErrorCode: var code } => code switch
        {
            raw.SQLITE_FULL => $"There is no space left for {path}. Free some space on its disk.",
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED =>
                $"{path} is in use by another process or by another queue. Only one master can use it at a time: stop the other one, or "
                + "set Path to another file.",
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB =>
                $"{path} is damaged or is not the file of a queue ({e.Message}). Move it away, together with "
                + $"{Path.GetFileName(path)}-wal if that exists. The queue then starts empty.",
            raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_AUTH => CannotWrite(path, e),
            _ => $"{path} cannot be read or written ({e.Message}). Check its disk and the system log.",
        },
        UnauthorizedAccessException or IOException => CannotWrite(path, e),
        _ => $"{path} cannot be used ({e.GetType().Name}: {e.Message}).",
    };

    private static string CannotWrite(string path, Exception e) =>
        $"{path} cannot be written ({e.Message}). Give this process write access to it and its directory, or set Path to another file.";
}
