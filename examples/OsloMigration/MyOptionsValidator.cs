using Microsoft.Extensions.Options;
using Quartz;

namespace OsloMigration;

internal sealed class MyOptionsValidator : IValidateOptions<MyOptions>
{
    private const int MaxWorkers = 100;

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, MyOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        Check(
            options.OtherWorkers is >= 0 and <= MaxWorkers,
            nameof(options.OtherWorkers), options.OtherWorkers, $"from 0 to {MaxWorkers}", result);
        CheckTime(nameof(options.TaskInterval), options.TaskInterval, result);
        CheckTime(nameof(options.Period), options.Period, result);
        Check(
            CronExpression.TryParse(options.Calendar, out _),
            nameof(options.Calendar), options.Calendar, "a cron expression of Quartz.NET", result);
        return result.Build();
    }

    private static void CheckTime(string key, TimeSpan value, ValidateOptionsResultBuilder result) =>
        Check(value >= Shortest && value <= Longest, key, value, $"from {Shortest} to {Longest}", result);

    private static void Check(bool isValid, string key, object value, string rule, ValidateOptionsResultBuilder result)
    {
        if (!isValid)
        {
            result.AddError($"{MyOptions.SectionName}:{key} is {value}; it must be {rule}.");
        }
    }
}
