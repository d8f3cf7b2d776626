using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Cluster.Nats;

/// <summary>Applies section <c>Cotyledon:Cluster</c> over the options that code has configured.</summary>
internal sealed class NatsOptionsSetup(IServiceProvider services) : IPostConfigureOptions<CotyledonNatsClusterOptions>
{
    public const string Section = CotyledonOptions.SectionName + ":" + nameof(CotyledonOptions.Cluster);

    public const string UrlKey = Section + ":" + nameof(CotyledonNatsClusterOptions.Url);

    private readonly IConfiguration? _configuration = services.GetService<IConfiguration>();

    public void PostConfigure(string? name, CotyledonNatsClusterOptions options) =>
        options.Url = new SectionReader(_configuration, Section).Text(nameof(options.Url), options.Url);
}
