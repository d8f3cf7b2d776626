namespace OsloMigration;

/// <summary>A task that the master enqueues and MyService handles.</summary>
internal sealed record MyTask(int Number);
