namespace My_App;

/// <summary>The options in section Worker of appsettings.json.</summary>
internal sealed class WorkerOptions
{
    public const string Section = "Worker";

    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);
}
