namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>The settings of a master, and the allowances for a machine under load.</summary>
internal sealed record Terms
{
    public static readonly Terms OfChaos = new();

    /// <summary>The web application of a watched run is a service too.</summary>
    public static IReadOnlyList<string> Services(bool isWatched) => isWatched ? ["heavy", "light", "shaky", "Web"] : ["heavy", "light", "shaky"];

    public TimeSpan Graceful { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromSeconds(8);

    public TimeSpan HookTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The time that guarantee 4 adds to the graceful timeout.</summary>
    public TimeSpan Reserve { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Allowance for the driver's checks of processes and for a machine under load.</summary>
    public TimeSpan Noise { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The time within which the master must answer a request.</summary>
    public TimeSpan AnswerLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The time within which all workers must settle after the last fault.</summary>
    public TimeSpan SettleLimit { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>The time from an edit of the file until it is in force.</summary>
    public TimeSpan EditLimit { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>Allowance for a process whose start had begun before the shutdown.</summary>
    public TimeSpan StartInFlight { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan MaxAge { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Long enough for a machine under load.</summary>
    public TimeSpan? LivenessTimeout(string service) => service == "shaky" ? TimeSpan.FromSeconds(4) : null;

    public int MaxUnavailable(string service) => service == "light" ? 2 : 1;
}
