using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Collects what is wrong with option values: key, value, where it stands, limit.</summary>
internal sealed class OptionsCheck(IConfiguration? configuration, string path)
{
    private readonly List<string> _errors = [];

    /// <summary>The outcome, with mistakes that were found before.</summary>
    public ValidateOptionsResult ResultWith(IReadOnlyList<string> others) => others.Count + _errors.Count == 0
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail([.. others, .. _errors]);

    public void Number(string key, long? value, long min, long max)
    {
        if (value < min || value > max)
        {
            Add(key, $"{value}", max is int.MaxValue or long.MaxValue ? $"{min} or more" : $"from {min} to {max}");
        }
    }

    /// <summary>A number that <see langword="null"/> switches off.</summary>
    public void Limit(string key, long? value, long min)
    {
        if (value < min)
        {
            Add(key, $"{value}", $"{min} or more, or null (no limit)");
        }
    }

    public void Time(string key, TimeSpan value, TimeSpan min)
    {
        if (value < min || value > OptionLimits.MaxTime)
        {
            Add(key, DurationText.Format(value), $"from {min} to {OptionLimits.MaxTime}");
        }
    }

    /// <summary>A duration that <see langword="null"/> switches off.</summary>
    public void Limit(string key, TimeSpan? value, TimeSpan min, TimeSpan max)
    {
        if (value < min || value > max)
        {
            Add(key, DurationText.Format(value.Value), $"from {min} to {max}, or null (no limit)");
        }
    }

    /// <summary>A timeout that may be infinite.</summary>
    public void Timeout(string key, TimeSpan? value)
    {
        if (value is { } timeout && timeout != System.Threading.Timeout.InfiniteTimeSpan
            && (timeout <= TimeSpan.Zero || timeout > OptionLimits.MaxTime))
        {
            Add(key, $"{value}", $"more than {TimeSpan.Zero} and at most {OptionLimits.MaxTime}, or infinite (no limit)");
        }
    }

    /// <summary>Environment variables.</summary>
    public void Variables(string key, IEnumerable<KeyValuePair<string, string?>> variables)
    {
        foreach (var (name, value) in variables)
        {
            if (value?.Contains('\0', StringComparison.Ordinal) == true)
            {
                Add(key, $"set for '{name}' with a null character in its value", "a value without one: the system would cut it there");
            }

            if (name.Length == 0 || name.Contains('=', StringComparison.Ordinal) || name.Contains('\0', StringComparison.Ordinal))
            {
                Add(key, $"set for '{name}'", "a name without '=' and null characters");
            }
            else if (name == Channel.Protocol.ChannelVariable)
            {
                Add(key, $"set for {name}", "another name: this one ties a worker to its master");
            }
        }
    }

    public void PositiveTime(string key, TimeSpan value)
    {
        if (value <= TimeSpan.Zero || value > OptionLimits.MaxTime)
        {
            Add(key, DurationText.Format(value), $"more than {TimeSpan.Zero} and at most {OptionLimits.MaxTime}");
        }
    }

    public void Choice<T>(string key, T value) where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            Add(key, $"{value}", "one of " + string.Join(", ", Enum.GetNames<T>()));
        }
    }

    /// <summary>A text that is known to be wrong.</summary>
    public void Text(string key, string value, string limit) => Add(key, $"'{value}'", limit);

    private void Add(string key, string value, string limit)
    {
        var fullKey = $"{path}:{key}";
        _errors.Add($"{fullKey} is {value}{ConfigurationOrigin.Of(configuration, fullKey)}; it must be {limit}.");
    }
}
