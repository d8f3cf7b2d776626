namespace Cotyledon.Hosting;

/// <summary>How the workers of a service take a new configuration.</summary>
public enum ReloadMethod
{
    /// <summary>In place where the service has <see cref="IReloadable.ReloadAsync"/>, by a rolling restart where not.</summary>
    Auto,

    /// <summary>By a rolling restart.</summary>
    Restart,

    /// <summary>Not at all: only workers that are started later have it.</summary>
    None,
}
