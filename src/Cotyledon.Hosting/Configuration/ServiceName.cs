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

        var name = WithoutFile(type.Name);

        // The type arguments of an enclosing type are skipped, because Name does not contain the enclosing type either.
        if (name.IndexOf('`', StringComparison.Ordinal) is not (> 0 and var end))
        {
            return name;
        }

        var count = int.Parse(name.AsSpan(end + 1), NumberStyles.None, CultureInfo.InvariantCulture);
        return $"{name[..end]}Of{string.Join("And", type.GetGenericArguments().TakeLast(count).Select(Of))}";
    }

    /// <summary>
    /// Removes what the compiler puts before the name of a <c>file</c> class: <c>&lt;Program&gt;F</c>, the hash of the path of the file, and two
    /// underscores. The hash differs between machines.
    /// </summary>
    private static string WithoutFile(string name)
    {
        const int hashLength = 64;
        if (!name.StartsWith('<') || name.IndexOf(">F", StringComparison.Ordinal) is not (> 0 and var file))
        {
            return name;
        }

        var end = file + ">F".Length + hashLength;
        return name.Length > end && name.AsSpan(end).StartsWith("__", StringComparison.Ordinal) ? name[(end + "__".Length)..] : name;
    }
}
