using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Copies what a configuration provider holds at present.</summary>
internal static class SourceReader
{
    private const int MaxDepth = 100;
    private const int MaxKeys = 1_000_000;
    private const int MaxAttempts = 3;

    /// <exception cref="Exception">Whatever a provider of the program throws.</exception>
    public static SourceValues Read(IConfigurationProvider provider)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new SourceValues(Copy(provider));
            }
            catch (InvalidOperationException) when (attempt < MaxAttempts)
            {
                // The provider changed its values while they were being copied.
            }
        }
    }

    private static Dictionary<string, string?> Copy(IConfigurationProvider provider)
    {
        if (provider is not ConfigurationProvider known)
        {
            return Walk(provider);
        }

        var data = DataOf(known);
        if (SourceSignature.IsOfFramework(provider))
        {
            return new Dictionary<string, string?>(data, StringComparer.OrdinalIgnoreCase);
        }

        // A provider of the program may override any member: what the members answer counts.
        return HasTopLevelKeysOf(data, provider) ? Ask(provider, data.Keys) : Walk(provider);
    }

    private static bool HasTopLevelKeysOf(IDictionary<string, string?> data, IConfigurationProvider provider)
    {
        var expected = new HashSet<string>(data.Keys.Select(k => k.Split(':', 2)[0]), StringComparer.OrdinalIgnoreCase);
        return expected.SetEquals(provider.GetChildKeys([], null));
    }

    private static Dictionary<string, string?> Ask(IConfigurationProvider provider, IEnumerable<string> keys)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var key in keys)
        {
            if (provider.TryGet(key, out var value))
            {
                values[key] = value;
            }
        }

        return values;
    }

    private static Dictionary<string, string?> Walk(IConfigurationProvider provider)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        Walk(provider, null, values, depth: 0);
        return values;
    }

    private static void Walk(IConfigurationProvider provider, string? path, Dictionary<string, string?> values, int depth)
    {
        if (depth > MaxDepth || values.Count > MaxKeys)
        {
            throw new InvalidDataException(
                $"The provider has more than {MaxKeys} keys, or keys with more than {MaxDepth} parts.");
        }

        foreach (var name in provider.GetChildKeys([], path).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var key = path is null ? name : ConfigurationPath.Combine(path, name);
            if (provider.TryGet(key, out var value))
            {
                values[key] = value;
            }

            Walk(provider, key, values, depth + 1);
        }
    }

    /// <summary>A protected member, so part of the contract of the class; enumerating by its public members takes quadratic time.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Data")]
    private static extern IDictionary<string, string?> DataOf(ConfigurationProvider provider);
}
