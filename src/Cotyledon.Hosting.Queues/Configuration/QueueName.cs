using Cotyledon.Hosting.Queues.Delivery;
using Microsoft.Extensions.DependencyInjection;

namespace Cotyledon.Hosting.Queues.Configuration;

/// <summary>Checks the name of a new queue.</summary>
internal static class QueueName
{
    private const int MaxLength = 100;

    public static bool IsValid(string name) =>
        !string.IsNullOrWhiteSpace(name)
        && name.Length <= MaxLength
        && !name.Any(c => c is ':' or '/' or '\\' || char.IsControl(c));

    /// <exception cref="ArgumentException">It cannot be used.</exception>
    public static void Check(string name, IServiceCollection services)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (!IsValid(name))
        {
            throw new ArgumentException(
                $"'{name}' cannot be the name of a queue: at most {MaxLength} characters, no colon, no slash and no control characters.",
                nameof(name));
        }

        if (services.Any(d => d.ImplementationInstance is QueueRegistration other
            && other.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new ArgumentException($"A queue '{name}' is registered already.", nameof(name));
        }
    }
}
