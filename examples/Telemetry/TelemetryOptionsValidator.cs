using Microsoft.Extensions.Options;

namespace Telemetry;

internal sealed class TelemetryOptionsValidator : IValidateOptions<TelemetryOptions>
{
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromDays(1);
    private static readonly TimeSpan ShortestRetention = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestRetention = TimeSpan.FromDays(3650);

    public ValidateOptionsResult Validate(string? name, TelemetryOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        CheckInterval(nameof(options.Interval), options.Interval, result);
        CheckInterval(nameof(options.ReportInterval), options.ReportInterval, result);
        CheckInterval(nameof(options.CleanInterval), options.CleanInterval, result);
        Check(nameof(options.Retention), options.Retention, ShortestRetention, LongestRetention, result);
        if (string.IsNullOrWhiteSpace(options.Database))
        {
            result.AddError($"{TelemetryOptions.SectionName}:{nameof(options.Database)} is empty; it must name a file.");
        }

        return result.Build();
    }

    private static void CheckInterval(string key, TimeSpan value, ValidateOptionsResultBuilder result) =>
        Check(key, value, ShortestInterval, LongestInterval, result);

    private static void Check(string key, TimeSpan value, TimeSpan min, TimeSpan max, ValidateOptionsResultBuilder result)
    {
        if (value < min || value > max)
        {
            result.AddError($"{TelemetryOptions.SectionName}:{key} is {value}; it must be from {min} to {max}.");
        }
    }
}
