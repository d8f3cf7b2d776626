namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>The settings under which a life runs, and what is granted to a machine that has other things to do.</summary>
internal sealed record Terms
{
    public static readonly Terms OfChaos = new();

    public static IReadOnlyList<string> Services { get; } = ["heavy", "light", "shaky"];

    public TimeSpan Graceful { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromSeconds(8);

    public TimeSpan HookTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>What guarantee 4 adds to the graceful timeout.</summary>
    public TimeSpan Reserve { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>For the driver's own looks at the processes, and for a machine whose processors are taken.</summary>
    public TimeSpan Noise { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long the master may take to answer a question.</summary>
    public TimeSpan AnswerLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long all may take to settle when nothing disturbs any more.</summary>
    public TimeSpan SettleLimit { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>From an edit of the file until it is in force.</summary>
    public TimeSpan EditLimit { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>A process that was on its way to its start when the shutdown began.</summary>
    public TimeSpan StartInFlight { get; init; } = TimeSpan.FromSeconds(0.1);

    public TimeSpan MaxAge { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Long enough for a machine whose processors are taken.</summary>
    public TimeSpan LivenessTimeout(string service) => service == "shaky" ? TimeSpan.FromSeconds(4) : TimeSpan.Zero;

    public int MaxUnavailable(string service) => service == "light" ? 2 : 1;
}
