namespace Cotyledon.Hosting.Cluster.Postgres;

/// <summary>
/// Contains the options of the cluster store in PostgreSQL, section <c>Cotyledon:Cluster</c>. The configuration overrides code. A change takes effect
/// when the program is started again.
/// </summary>
/// <example>
/// <code>
/// builder.Services.AddCotyledonPostgresCluster().Configure(options =&gt;
///     options.ConnectionString = builder.Configuration.GetConnectionString("Orders"));
/// </code>
/// </example>
public sealed class CotyledonPostgresClusterOptions
{
    /// <summary>Gets or sets the connection string, with the keywords of Npgsql: <c>Host=db1;Database=orders;Username=app;Password=…</c>.</summary>
    /// <value>
    /// Required, if a service has <see cref="WorkerScope.Cluster"/>. The table <c>cotyledon_cluster</c> is created in the first schema of the search
    /// path when the program is started for the first time. Several hosts can be named; the primary one is used.
    /// </value>
    public string? ConnectionString { get; set; }
}
