using System.Globalization;

namespace Cotyledon.Hosting.Configuration;

/// <summary>The name that a service has where the program gives it none.</summary>
internal static class ServiceName
{
    /// <summary>
    /// That of the type. A generic type reads as a word that can be a key of the configuration: <c>Worker&lt;Foo, Bar&gt;</c> is
    /// <c>WorkerOfFooAndBar</c>.
    /// </summary>
    public static string Of(Type type)
    {
        if (type.GetElementType() is { } element)
        {
            return $"{Of(element)}Array";
        }

        // Without the arguments of an enclosing type, which Name does not have either.
        if (type.Name.IndexOf('`', StringComparison.Ordinal) is not (> 0 and var end))
        {
            return type.Name;
        }

        var count = int.Parse(type.Name.AsSpan(end + 1), NumberStyles.None, CultureInfo.InvariantCulture);
        return $"{type.Name[..end]}Of{string.Join("And", type.GetGenericArguments().TakeLast(count).Select(Of))}";
    }
}
