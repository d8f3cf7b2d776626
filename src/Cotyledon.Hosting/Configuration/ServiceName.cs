using System.Globalization;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Creates the default name of a service.</summary>
internal static class ServiceName
{
    /// <summary>
    /// Returns the name of the type. The name of a generic type is usable as a configuration key: <c>Worker&lt;Foo, Bar&gt;</c> becomes
    /// <c>WorkerOfFooAndBar</c>.
    /// </summary>
    public static string Of(Type type)
    {
        if (type.GetElementType() is { } element)
        {
            return $"{Of(element)}Array";
        }

        // The type arguments of an enclosing type are skipped, because Name does not contain the enclosing type either.
        if (type.Name.IndexOf('`', StringComparison.Ordinal) is not (> 0 and var end))
        {
            return type.Name;
        }

        var count = int.Parse(type.Name.AsSpan(end + 1), NumberStyles.None, CultureInfo.InvariantCulture);
        return $"{type.Name[..end]}Of{string.Join("And", type.GetGenericArguments().TakeLast(count).Select(Of))}";
    }
}
