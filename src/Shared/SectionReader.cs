using System.Globalization;
using Cotyledon.Hosting.Extensibility;
using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Shared;

/// <summary>
/// Reads options from a section; options without a key keep their current values. Stricter than the configuration binder: <c>null</c> is
/// not a number, and 60 is not sixty days. All errors are reported together.
/// </summary>
internal sealed class SectionReader(IConfiguration? configuration, string path)
{
    private readonly Dictionary<string, IConfigurationSection> _children =
        configuration?.GetSection(path).GetChildren().ToDictionary(c => c.Key, StringComparer.OrdinalIgnoreCase) ?? [];

    private readonly List<string> _errors = [];
    private readonly Dictionary<string, object> _effective = new(StringComparer.OrdinalIgnoreCase);

    public int Number(string key, int current) => Read(key, current, ParseNumber, "a whole number");

    public int? NumberOrNull(string key, int? current) =>
        IsNull(key) ? null : Read(key, current, text => ParseNumber(text), "a whole number, or null");

    public TimeSpan Time(string key, TimeSpan current) => Read(key, current, DurationText.Parse, DurationText.Forms);

    public TimeSpan? TimeOrNull(string key, TimeSpan? current) =>
        IsNull(key) ? null : Read(key, current, DurationText.Parse, DurationText.Forms + ", or null");

    /// <summary>Reads a limit that is unlimited by default; <c>infinite</c> means the same as null.</summary>
    public TimeSpan? LimitOrNull(string key, TimeSpan? current) =>
        TimeOrNull(key, current) is { } limit && limit != Timeout.InfiniteTimeSpan ? limit : null;

    public long? SizeOrNull(string key, long? current) => IsNull(key) ? null : Read(key, current, ParseSize, SizeForm + ", or null");

    /// <summary>Reads a text; null if it is null, empty or white space.</summary>
    public string? Text(string key, string? current)
    {
        if (!_children.TryGetValue(key, out var child))
        {
            return current;
        }

        if (child.GetChildren().Any())
        {
            Fail(child, "a string");
            return current;
        }

        return string.IsNullOrWhiteSpace(child.Value) ? null : child.Value;
    }

    public bool Flag(string key, bool current) =>
        Read(key, current, text => bool.TryParse(text, out var value) ? value : null, "true or false");

    public T Choice<T>(string key, T current) where T : struct, Enum =>
        Read(
            key,
            current,
            text => Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value) ? value : null,
            "one of " + string.Join(", ", Enum.GetNames<T>()));

    public IEnumerable<string> Texts(string key)
    {
        if (!_children.TryGetValue(key, out var list))
        {
            return [];
        }

        if (list.Value is { Length: > 0 })
        {
            Fail(list, "a list of strings");
        }

        return list.GetChildren().Select(c => c.Value).OfType<string>();
    }

    /// <summary>Reads texts with names. A text may be null.</summary>
    public void TextsByName(string key, IDictionary<string, string?> target)
    {
        if (_children.TryGetValue(key, out var section))
        {
            ReadTextsByName(section, target);
        }

        foreach (var (name, text) in target)
        {
            Note($"{key}:{name}", text);
        }
    }

    /// <summary>The values that were read or kept, by their keys in the configuration, without nulls.</summary>
    public IEnumerable<KeyValuePair<string, string>> Effective => _effective.Select(pair => KeyValuePair.Create(
        $"{path}:{pair.Key}", string.Create(CultureInfo.InvariantCulture, $"{pair.Value}")));

    public IReadOnlyList<string> Errors => _errors;

    private const string SizeForm = "a number of bytes such as 500000000, 800M or 2 GiB";

    private void ReadTextsByName(IConfigurationSection section, IDictionary<string, string?> target)
    {
        if (section.Value is { Length: > 0 })
        {
            Fail(section, "a section whose values are strings");
        }

        foreach (var child in section.GetChildren())
        {
            if (child.GetChildren().Any())
            {
                Fail(child, "a string, or null");
            }

            target[child.Key] = child.Value;
        }
    }

    private static int? ParseNumber(string text) =>
        int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>Parses a size. K, M, G and T are powers of 1024, as in systemd and PM2, and may be followed by B or iB.</summary>
    private static long? ParseSize(string text)
    {
        var number = text.Trim().ToUpperInvariant();
        foreach (var ending in (ReadOnlySpan<string>)["IB", "B"])
        {
            number = number.EndsWith(ending, StringComparison.Ordinal) ? number[..^ending.Length] : number;
        }

        var power = number.Length > 0 ? "KMGT".IndexOf(number[^1], StringComparison.Ordinal) + 1 : 0;
        return long.TryParse(power > 0 ? number[..^1] : number, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var value)
            && value <= long.MaxValue >> (10 * power)
                ? value << (10 * power)
                : null;
    }

    private bool IsNull(string key) => _children.TryGetValue(key, out var child) && IsNull(child);

    private static bool IsNull(IConfigurationSection child) => child.Value is null && !child.GetChildren().Any();

    private T Read<T>(string key, T current, Func<string, T?> parse, string form) where T : struct =>
        Read(key, (T?)current, parse, form) ?? current;

    private T? Read<T>(string key, T? current, Func<string, T?> parse, string form) where T : struct
    {
        var value = current;
        if (_children.TryGetValue(key, out var child))
        {
            if (child.Value is { } text && parse(text) is { } read)
            {
                value = read;
            }
            else
            {
                Fail(child, form);
            }
        }

        Note(key, value);
        return value;
    }

    private void Note(string key, object? value)
    {
        if (value is not null)
        {
            _effective[key] = value is TimeSpan time ? DurationText.Format(time) : value;
        }
    }

    private void Fail(IConfigurationSection child, string form)
    {
        var shown = child.Value is { } wrong ? $"'{wrong}'" : IsNull(child) ? "null" : "a section";
        var origin = ConfigurationOrigin.FileOf(configuration, child.Path) is { } file ? $" in {file}" : "";
        _errors.Add($"{child.Path} is {shown}{origin}; it must be {form}.");
    }
}
