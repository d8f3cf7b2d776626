namespace OsloMigration;

/// <summary>The options of the application; those of its workers stand in the section <c>Cotyledon</c>.</summary>
internal sealed class MyOptions
{
    public const string SectionName = "OsloMigration";

    /// <summary>How many workers "Second Service" has: the <c>other_workers</c> of the document.</summary>
    public int OtherWorkers { get; set; } = 1;

    /// <summary>What MyService says to each task.</summary>
    public string Greeting { get; set; } = "Hello";

    /// <summary>The time from one task that the master enqueues to the next.</summary>
    public TimeSpan TaskInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The time from one run of the periodic task to the next.</summary>
    public TimeSpan Period { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>When the calendar task runs: seconds, minutes, hours, day of month, month, day of week.</summary>
    public string Calendar { get; set; } = "0 0 4 ? * MON-FRI";
}
