namespace Cotyledon.Hosting.Cluster.Nats;

/// <summary>
/// Contains the options of the cluster store in NATS JetStream, section <c>Cotyledon:Cluster</c>. The configuration overrides code. A change takes
/// effect when the program is started again.
/// </summary>
/// <example>
/// <code>
/// builder.Services.AddCotyledonNatsCluster().Configure(options =&gt; options.Url = "nats://nats1:4222,nats://nats2:4222");
/// </code>
/// </example>
public sealed class CotyledonNatsClusterOptions
{
    /// <summary>Gets or sets the address of the server, or the addresses of several servers of a NATS cluster, separated by commas.</summary>
    /// <value>
    /// Required, if a service has <see cref="WorkerScope.Cluster"/>: <c>nats://server:4222</c>, <c>tls://…</c>, <c>ws://…</c> or <c>wss://…</c>, with
    /// user and password or a token before an <c>@</c>.
    /// </value>
    public string? Url { get; set; }
}
