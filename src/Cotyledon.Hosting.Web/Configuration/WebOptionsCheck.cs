using Cotyledon.Hosting.Extensibility;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Web.Configuration;

/// <summary>
/// Validates the options at the start and at each reload, and warns of unknown keys and of changes that have no effect yet.
/// </summary>
internal sealed class WebOptionsCheck(IConfiguration configuration, IOptionsFactory<CotyledonWebOptions> options) : IConfigurationCheck
{
    private static readonly HashSet<string> Keys = new(
        typeof(CotyledonWebOptions).GetProperties().Select(p => p.Name), StringComparer.OrdinalIgnoreCase);

    /// <summary>The options that the master uses. Workers read the others, so each new worker has the new values.</summary>
    private static readonly string[] KeysOfMaster =
        [nameof(CotyledonWebOptions.MaxConnectionWait), nameof(CotyledonWebOptions.Affinity), nameof(CotyledonWebOptions.MasterEndpoints)];

    private Dictionary<string, string?>? _inForce;

    public void Check()
    {
        options.Create(Options.DefaultName);
        _inForce ??= Values();
    }

    public IEnumerable<string> Warnings()
    {
        foreach (var child in configuration.GetSection(WebOptionsSetup.Section).GetChildren().Where(c => !Keys.Contains(c.Key)))
        {
            yield return $"{child.Path} is not a known setting of Cotyledon.Hosting.Web; it has no effect.";
        }

        var now = Values();
        foreach (var key in now.Keys.Union(_inForce!.Keys).Where(k => now.GetValueOrDefault(k) != _inForce.GetValueOrDefault(k)))
        {
            yield return $"{key} is read at the start only; the new value takes effect when the program is started again.";
        }
    }

    private Dictionary<string, string?> Values() => KeysOfMaster
        .SelectMany(key => configuration.GetSection($"{WebOptionsSetup.Section}:{key}").AsEnumerable())
        .ToDictionary(StringComparer.OrdinalIgnoreCase);
}
