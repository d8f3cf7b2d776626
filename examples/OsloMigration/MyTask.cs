namespace OsloMigration;

/// <summary>What the master has to do, and MyService does.</summary>
internal sealed record MyTask(int Number);
