namespace Cotyledon.Hosting;

/// <summary>Specifies how the workers of a service get a new configuration.</summary>
public enum ReloadMethod
{
    /// <summary>
    /// In the running process if the service implements <see cref="IReloadable.ReloadAsync"/>, otherwise by a rolling restart. A
    /// <see cref="CotyledonService"/> implements it if it overrides <see cref="CotyledonService.ReloadAsync"/>. Each worker tells the master
    /// whether it can.
    /// </summary>
    Auto = 0,

    /// <summary>By a rolling restart.</summary>
    Restart = 1,

    /// <summary>Not at all. Only workers that are started later have the new values.</summary>
    None = 2,
}
