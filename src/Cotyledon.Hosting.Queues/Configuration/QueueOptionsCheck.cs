using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Queues.Delivery;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Queues.Configuration;

/// <summary>
/// Validates the options of all queues at the start and at each reload, and warns of changes: the options that were read at the start stay
/// in effect.
/// </summary>
internal sealed class QueueOptionsCheck(
    IServiceProvider services, IEnumerable<QueueRegistration> registrations, IOptionsFactory<CotyledonQueueOptions> options)
    : IConfigurationCheck
{
    private static readonly HashSet<string> Keys = new(
        typeof(CotyledonQueueOptions).GetProperties().Select(p => p.Name), StringComparer.OrdinalIgnoreCase);

    private readonly IConfiguration? _configuration = services.GetService<IConfiguration>();
    private readonly List<string> _names = [.. registrations.Select(r => r.Name)];
    private Dictionary<string, string?>? _inForce;

    public void Check()
    {
        foreach (var name in _names)
        {
            options.Create(name);
        }

        _inForce ??= Values();
    }

    public IEnumerable<string> Warnings()
    {
        if (_configuration is null)
        {
            yield break;
        }

        foreach (var queue in _configuration.GetSection(QueueOptionsSetup.Section).GetChildren())
        {
            if (!_names.Contains(queue.Key, StringComparer.OrdinalIgnoreCase))
            {
                yield return $"{queue.Path} has no effect: no queue '{queue.Key}' is registered. Registered queues: "
                    + $"{string.Join(", ", _names)}.";
                continue;
            }

            foreach (var child in queue.GetChildren().Where(c => !Keys.Contains(c.Key)))
            {
                yield return $"{child.Path} is not a known setting of a queue; it has no effect.";
            }
        }

        var now = Values();
        foreach (var key in now.Keys.Union(_inForce!.Keys).Where(k => now.GetValueOrDefault(k) != _inForce.GetValueOrDefault(k)))
        {
            yield return $"{key} is read at the start only; the new value takes effect when the program is started again.";
        }
    }

    private Dictionary<string, string?> Values() =>
        _configuration?.GetSection(QueueOptionsSetup.Section).AsEnumerable().ToDictionary(StringComparer.OrdinalIgnoreCase) ?? [];
}
