using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Cluster.Postgres;

/// <summary>Applies section <c>Cotyledon:Cluster</c> over the options that code has configured.</summary>
internal sealed class PostgresOptionsSetup(IServiceProvider services) : IPostConfigureOptions<CotyledonPostgresClusterOptions>
{
    public const string Section = CotyledonOptions.SectionName + ":" + nameof(CotyledonOptions.Cluster);

    public const string ConnectionStringKey = Section + ":" + nameof(CotyledonPostgresClusterOptions.ConnectionString);

    private readonly IConfiguration? _configuration = services.GetService<IConfiguration>();

    public void PostConfigure(string? name, CotyledonPostgresClusterOptions options) =>
        options.ConnectionString = new SectionReader(_configuration, Section).Text(nameof(options.ConnectionString), options.ConnectionString);
}
