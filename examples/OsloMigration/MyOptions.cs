namespace OsloMigration;

/// <summary>The options of the application. The options of its workers are in section <c>Cotyledon</c>.</summary>
internal sealed class MyOptions
{
    public const string SectionName = "OsloMigration";

    /// <summary>The number of workers of "Second Service": the <c>other_workers</c> of the document.</summary>
    public int OtherWorkers { get; set; } = 1;

    /// <summary>The greeting that MyService logs for each task.</summary>
    public string Greeting { get; set; } = "Hello";

    /// <summary>The time between two tasks that the master enqueues.</summary>
    public TimeSpan TaskInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The time between two runs of the periodic task.</summary>
    public TimeSpan Period { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The times of the calendar task: seconds, minutes, hours, day of month, month, day of week.</summary>
    public string Calendar { get; set; } = "0 0 4 ? * MON-FRI";
}
