using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Shared;
using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.DependencyInjection;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Rejects registrations that would fail in every worker.</summary>
internal static class RegistrationCheck
{
    /// <summary>Checks that the container can create instances of a type.</summary>
    /// <exception cref="ArgumentException">The type is abstract or has no public constructor.</exception>
    public static void Constructible(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type)
    {
        if (type.IsAbstract || type.GetConstructors().Length == 0)
        {
            throw new ArgumentException(
                $"{type} cannot run as a worker: it is abstract or has no public constructor. Register a class that has one.");
        }
    }

    /// <summary>Checks the name of a service.</summary>
    /// <exception cref="ArgumentException">The name is invalid or registered already.</exception>
    public static void Name(string name, IServiceCollection services)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > OptionLimits.MaxNameLength)
        {
            throw new ArgumentException(
                $"The name '{name}' is not a valid service name: it must have 1 to {OptionLimits.MaxNameLength} characters.",
                nameof(name));
        }

        if (name == SupervisorState.SpareName)
        {
            throw new ArgumentException($"The name '{name}' is reserved for spare workers.", nameof(name));
        }

        if (name.Any(c => c == ':' || char.IsControl(c)))
        {
            throw new ArgumentException(
                $"The name '{name}' is not a valid service name: it must not contain colons, which separate configuration keys, or "
                + "control characters.",
                nameof(name));
        }

        var taken = services.Select(d => d.ImplementationInstance).OfType<WorkerRegistration>()
            .FirstOrDefault(r => r.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (taken is not null)
        {
            throw new ArgumentException(
                $"A service named '{taken.Name}' is registered already, for {taken.ServiceType}. Use another name; "
                + "names are compared without regard to case, like configuration keys.",
                nameof(name));
        }
    }
}
