using Microsoft.Extensions.Options;

namespace Telemetry;

internal sealed class TelemetryOptionsValidator : IValidateOptions<TelemetryOptions>
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, TelemetryOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        Check(nameof(options.Interval), options.Interval, result);
        Check(nameof(options.ReportInterval), options.ReportInterval, result);
        return result.Build();
    }

    private static void Check(string key, TimeSpan value, ValidateOptionsResultBuilder result)
    {
        if (value < Shortest || value > Longest)
        {
            result.AddError($"{TelemetryOptions.SectionName}:{key} is {value}; it must be from {Shortest} to {Longest}.");
        }
    }
}
