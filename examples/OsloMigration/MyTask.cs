namespace OsloMigration;

/// <summary>A task that the master enqueues and MyService processes.</summary>
internal sealed record MyTask(int Number);
