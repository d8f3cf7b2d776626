using Cotyledon.Hosting.Extensibility;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Shared;

/// <summary>Checks option values and collects the errors, each with the key, the value, the file and the limit.</summary>
internal sealed class OptionsCheck(IConfiguration? configuration, string path)
{
    private readonly List<string> _errors = [];

    /// <summary>Returns the result, with the errors that were found before.</summary>
    public ValidateOptionsResult ResultWith(IReadOnlyList<string> others) => others.Count + _errors.Count == 0
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail([.. others, .. _errors]);

    public void Number(string key, long? value, long min, long max)
    {
        if (value < min || value > max)
        {
            Fail(key, $"{value}", max is int.MaxValue or long.MaxValue ? $"{min} or more" : $"from {min} to {max}");
        }
    }

    /// <summary>Checks a number; <see langword="null"/> means no limit.</summary>
    public void Limit(string key, long? value, long min)
    {
        if (value < min)
        {
            Fail(key, $"{value}", $"{min} or more, or null (no limit)");
        }
    }

    public void Time(string key, TimeSpan value, TimeSpan min) => Time(key, value, min, OptionLimits.MaxTime);

    public void Time(string key, TimeSpan value, TimeSpan min, TimeSpan max)
    {
        if (value < min || value > max)
        {
            Fail(key, DurationText.Format(value), $"from {min} to {max}");
        }
    }

    /// <summary>Checks a duration; <see langword="null"/> means no limit.</summary>
    public void Limit(string key, TimeSpan? value, TimeSpan min, TimeSpan max)
    {
        if (value < min || value > max)
        {
            Fail(key, DurationText.Format(value.Value), $"from {min} to {max}, or null (no limit)");
        }
    }

    /// <summary>Checks a timeout, which may be infinite.</summary>
    public void Timeout(string key, TimeSpan? value)
    {
        if (value is { } timeout && timeout != System.Threading.Timeout.InfiniteTimeSpan
            && (timeout <= TimeSpan.Zero || timeout > OptionLimits.MaxTime))
        {
            Fail(key, $"{value}", $"more than {TimeSpan.Zero} and at most {OptionLimits.MaxTime}, or infinite (no limit)");
        }
    }

    public void PositiveTime(string key, TimeSpan value)
    {
        if (value <= TimeSpan.Zero || value > OptionLimits.MaxTime)
        {
            Fail(key, DurationText.Format(value), $"more than {TimeSpan.Zero} and at most {OptionLimits.MaxTime}");
        }
    }

    public void Choice<T>(string key, T value) where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            Fail(key, $"{value}", "one of " + string.Join(", ", Enum.GetNames<T>()));
        }
    }

    public void Text(string key, string value, string limit) => Fail(key, $"'{value}'", limit);

    private string Origin(string key) => ConfigurationOrigin.FileOf(configuration, key) is { } file ? $" in {file}" : "";

    public void Fail(string key, string value, string limit)
    {
        var fullKey = $"{path}:{key}";
        _errors.Add($"{fullKey} is {value}{Origin(fullKey)}; it must be {limit}.");
    }
}
