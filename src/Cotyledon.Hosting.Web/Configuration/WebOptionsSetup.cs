using System.Runtime.CompilerServices;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Web.Configuration;

/// <summary>Applies section <c>Cotyledon:Web</c> over the options that code has configured, and validates the result.</summary>
internal sealed class WebOptionsSetup(IConfiguration configuration)
    : IPostConfigureOptions<CotyledonWebOptions>, IValidateOptions<CotyledonWebOptions>
{
    public const string Section = CotyledonOptions.SectionName + ":Web";

    private readonly ConditionalWeakTable<CotyledonWebOptions, IReadOnlyList<string>> _unreadable = [];

    public void PostConfigure(string? name, CotyledonWebOptions options)
    {
        var reader = new SectionReader(configuration, Section);
        options.DrainTimeout = reader.Time(nameof(options.DrainTimeout), options.DrainTimeout);
        options.MaxRequests = reader.NumberOrNull(nameof(options.MaxRequests), options.MaxRequests);
        options.MaxConnectionWait = reader.Time(nameof(options.MaxConnectionWait), options.MaxConnectionWait);
        options.Affinity = reader.Choice(nameof(options.Affinity), options.Affinity);
        foreach (var endpoint in reader.Texts(nameof(options.MasterEndpoints)).Except(options.MasterEndpoints, StringComparer.OrdinalIgnoreCase).ToList())
        {
            options.MasterEndpoints.Add(endpoint);
        }

        _unreadable.AddOrUpdate(options, reader.Errors);
    }

    public ValidateOptionsResult Validate(string? name, CotyledonWebOptions options)
    {
        var check = new OptionsCheck(configuration, Section);
        check.PositiveTime(nameof(options.DrainTimeout), options.DrainTimeout);
        check.Limit(nameof(options.MaxRequests), options.MaxRequests, 1);
        check.PositiveTime(nameof(options.MaxConnectionWait), options.MaxConnectionWait);
        check.Choice(nameof(options.Affinity), options.Affinity);
        foreach (var endpoint in options.MasterEndpoints)
        {
            if (MasterEndpointAddresses.ProblemOf(configuration, endpoint) is { } problem)
            {
                check.Fail(nameof(options.MasterEndpoints), $"'{endpoint}'", problem);
            }
        }

        _unreadable.TryGetValue(options, out var unreadable);
        return check.ResultWith(unreadable ?? []);
    }
}
