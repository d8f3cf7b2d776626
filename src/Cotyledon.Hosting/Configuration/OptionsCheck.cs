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

    public void Number(string key, int? value, int min, int max)
    {
        if (value < min || value > max)
        {
            Add(key, $"{value}", max == int.MaxValue ? $"{min} or more" : $"from {min} to {max}");
        }
    }

    public void Time(string key, TimeSpan? value, TimeSpan min)
    {
        if (value < min || value > OptionLimits.MaxTime)
        {
            Add(key, $"{value}", $"from {min} to {OptionLimits.MaxTime}");
        }
    }

    public void PositiveTime(string key, TimeSpan value)
    {
        if (value <= TimeSpan.Zero || value > OptionLimits.MaxTime)
        {
            Add(key, $"{value}", $"more than {TimeSpan.Zero} and at most {OptionLimits.MaxTime}");
        }
    }

    public void Choice<T>(string key, T value) where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            Add(key, $"{value}", "one of " + string.Join(", ", Enum.GetNames<T>()));
        }
    }

    private void Add(string key, string value, string limit)
    {
        var fullKey = $"{path}:{key}";
        _errors.Add($"{fullKey} is {value}{ConfigurationOrigin.Of(configuration, fullKey)}; it must be {limit}.");
    }
}
