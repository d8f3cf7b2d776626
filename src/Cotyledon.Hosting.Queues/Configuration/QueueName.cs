using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.DependencyInjection;

namespace Cotyledon.Hosting.Queues.Configuration;

/// <summary>Validates names of queues.</summary>
internal static class QueueName
{
    public static bool IsValid(string name) =>
        !string.IsNullOrWhiteSpace(name)
        && name.Length <= OptionLimits.MaxNameLength
        && !name.Any(c => c is ':' or '/' or '\\' || char.IsControl(c));

    /// <exception cref="ArgumentException">The name is not valid or is already registered.</exception>
    public static void Check(string name, IServiceCollection services)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (!IsValid(name))
        {
            throw new ArgumentException(
                $"'{name}' is not a valid queue name. A name has at most {OptionLimits.MaxNameLength} characters and no colon, slash, backslash or control "
                + "character.",
                nameof(name));
        }

        if (services.Any(d => d.ImplementationInstance is QueueRegistration other
            && other.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new ArgumentException($"A queue '{name}' is already registered.", nameof(name));
        }
    }
}
