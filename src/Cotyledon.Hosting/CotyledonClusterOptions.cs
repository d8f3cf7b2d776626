namespace Cotyledon.Hosting;

/// <summary>
/// Contains the options of the cluster, section <c>Cotyledon:Cluster</c>, for services with <see cref="WorkerScope.Cluster"/>. The configuration
/// overrides code. A change takes effect when the program is started again. The package of the store has further options in this section.
/// </summary>
/// <example>
/// <code>
/// builder.Services.AddCotyledon().Configure(options =&gt;
/// {
///     options.Cluster.Name = "orders";
///     options.Cluster.LeaseDuration = TimeSpan.FromSeconds(15);
/// });
/// </code>
/// </example>
public sealed class CotyledonClusterOptions
{
    /// <summary>Gets or sets the name of the cluster. Programs with the same name and the same store share their worker ids.</summary>
    /// <value>
    /// <see langword="null"/> by default: the name of the application or, if that is not valid, a valid name that is derived from it, with a hash.
    /// Otherwise 1 to 64 letters of the Latin alphabet, digits, <c>-</c>, <c>_</c> and <c>.</c>.
    /// </value>
    public string? Name { get; set; }

    /// <summary>
    /// Gets or sets how long a program may have no contact with the store before another program takes over its worker ids. Its workers are
    /// stopped after two thirds of that time, and killed after nine tenths.
    /// </summary>
    /// <value>15 seconds by default. 5 seconds to one hour.</value>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(15);
}
