using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.DependencyInjection;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Finds at the registration what would else fail in every worker.</summary>
internal static class RegistrationCheck
{
    /// <exception cref="ArgumentException">The container could not make the type.</exception>
    public static void Constructible(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type)
    {
        if (type.IsAbstract || type.GetConstructors().Length == 0)
        {
            throw new ArgumentException(
                $"{type} cannot run as a worker: it is abstract or has no public constructor. Register a class that has one.");
        }
    }

    /// <exception cref="ArgumentException">No constructor takes the arguments.</exception>
    public static void Arguments(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type, object[] arguments)
    {
        if (Array.IndexOf(arguments, null) is >= 0 and var index)
        {
            throw new ArgumentException(
                $"Constructor argument {index + 1} of {type} is null. Arguments are matched by their types, and null has none: register a "
                + "factory instead.",
                nameof(arguments));
        }

        if (arguments.Length > 0 && !ConstructorsOf(type).Any(c => Takes(c, arguments)))
        {
            throw new ArgumentException(
                $"{type} has no public constructor that takes arguments of the types "
                + $"{string.Join(", ", arguments.Select(a => a.GetType()))}. Each argument needs a parameter of its own.",
                nameof(arguments));
        }
    }

    /// <exception cref="ArgumentException">The name cannot be used.</exception>
    public static void Name(string name, IServiceCollection services)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > OptionLimits.MaxNameLength)
        {
            throw new ArgumentException(
                $"The name '{name}' is no name for a service: it must have 1 to {OptionLimits.MaxNameLength} characters.",
                nameof(name));
        }

        if (name == SupervisorState.SpareName)
        {
            throw new ArgumentException($"The name '{name}' is that of the spare workers in records.", nameof(name));
        }

        if (name.Any(c => c == ':' || char.IsControl(c)))
        {
            throw new ArgumentException(
                $"The name '{name}' is no name for a service: a colon separates keys of the configuration, and control "
                + "characters would end up in logs.",
                nameof(name));
        }

        var taken = services.Select(d => d.ImplementationInstance).OfType<WorkerRegistration>()
            .FirstOrDefault(r => r.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (taken is not null)
        {
            throw new ArgumentException(
                $"A service named '{taken.Name}' is registered already, for {taken.ServiceType}. Give this one another name; "
                + "names are compared without regard to case, as configuration keys are.",
                nameof(name));
        }
    }

    /// <summary>Those that <see cref="ActivatorUtilities"/> chooses from.</summary>
    private static ConstructorInfo[] ConstructorsOf(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type)
    {
        var all = type.GetConstructors();
        return Array.Find(all, c => c.IsDefined(typeof(ActivatorUtilitiesConstructorAttribute), inherit: false)) is { } preferred ? [preferred] : all;
    }

    /// <summary>Whether each argument has a parameter of its own.</summary>
    private static bool Takes(ConstructorInfo constructor, object[] arguments)
    {
        var free = constructor.GetParameters().Select(p => p.ParameterType).ToList();
        foreach (var argument in arguments)
        {
            var index = free.FindIndex(type => type.IsInstanceOfType(argument));
            if (index < 0)
            {
                return false;
            }

            free.RemoveAt(index);
        }

        return true;
    }
}
