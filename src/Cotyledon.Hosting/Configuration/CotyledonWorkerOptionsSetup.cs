using System.Runtime.CompilerServices;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Configuration;

/// <summary>
/// Reads section <c>Cotyledon:Services:NAME</c> over the values that code has set, and validates the result. It runs after all other
/// configuration of the options, because the configuration overrides code.
/// </summary>
internal sealed class CotyledonWorkerOptionsSetup(IServiceProvider services)
    : IPostConfigureOptions<CotyledonWorkerOptions>, IValidateOptions<CotyledonWorkerOptions>
{
    public const string ServicesSection = CotyledonOptions.SectionName + ":Services";

    private readonly IConfiguration? _configuration = services.GetService<IConfiguration>();

    /// <summary>The reader of each options object, whose errors are reported together when the options are validated.</summary>
    private readonly ConditionalWeakTable<CotyledonWorkerOptions, SectionReader> _read = [];

    /// <summary>The values of the options by their keys in the configuration, those of code included.</summary>
    public IEnumerable<KeyValuePair<string, string>> EffectiveOf(CotyledonWorkerOptions options) =>
        _read.TryGetValue(options, out var reader) ? reader.Effective : [];

    public void PostConfigure(string? name, CotyledonWorkerOptions options)
    {
        var reader = new SectionReader(_configuration, $"{ServicesSection}:{name}");
        options.Workers = reader.Number(nameof(options.Workers), options.Workers);
        options.GracefulShutdownTimeout = reader.TimeOrNull(
            nameof(options.GracefulShutdownTimeout), options.GracefulShutdownTimeout);
        options.ReadyTimeout = reader.Time(nameof(options.ReadyTimeout), options.ReadyTimeout);
        options.WaitForMarkReady = reader.Flag(nameof(options.WaitForMarkReady), options.WaitForMarkReady);
        options.ReloadMethod = reader.Choice(nameof(options.ReloadMethod), options.ReloadMethod);
        options.MaxUnavailable = reader.Number(nameof(options.MaxUnavailable), options.MaxUnavailable);
        options.RestartBackoff = reader.Time(nameof(options.RestartBackoff), options.RestartBackoff);
        options.MaxRestartBackoff = reader.Time(nameof(options.MaxRestartBackoff), options.MaxRestartBackoff);
        options.StableAfter = reader.Time(nameof(options.StableAfter), options.StableAfter);
        options.MaxRestarts = reader.NumberOrNull(nameof(options.MaxRestarts), options.MaxRestarts);
        options.MaxRestartsWindow = reader.Time(nameof(options.MaxRestartsWindow), options.MaxRestartsWindow);
        options.OnGiveUp = reader.Choice(nameof(options.OnGiveUp), options.OnGiveUp);
        options.LivenessTimeout = reader.LimitOrNull(nameof(options.LivenessTimeout), options.LivenessTimeout);
        options.MaxAge = reader.LimitOrNull(nameof(options.MaxAge), options.MaxAge);
        options.MaxMemory = reader.SizeOrNull(nameof(options.MaxMemory), options.MaxMemory);
        reader.TextsByName(nameof(options.Environment), options.Environment);
        options.Nice = reader.NumberOrNull(nameof(options.Nice), options.Nice);
        options.Scope = reader.Choice(nameof(options.Scope), options.Scope);
        options.MaxWorkersHere = reader.NumberOrNull(nameof(options.MaxWorkersHere), options.MaxWorkersHere);
        _read.AddOrUpdate(options, reader);
    }

    public ValidateOptionsResult Validate(string? name, CotyledonWorkerOptions options)
    {
        var check = new OptionsCheck(_configuration, $"{ServicesSection}:{name}");
        check.Number(nameof(options.Workers), options.Workers, 0, OptionLimits.MaxWorkers);
        check.Timeout(nameof(options.GracefulShutdownTimeout), options.GracefulShutdownTimeout);
        check.Timeout(nameof(options.ReadyTimeout), options.ReadyTimeout);
        check.Number(nameof(options.MaxUnavailable), options.MaxUnavailable, 1, OptionLimits.MaxWorkers);
        check.PositiveTime(nameof(options.RestartBackoff), options.RestartBackoff);
        check.Time(nameof(options.MaxRestartBackoff), options.MaxRestartBackoff, options.RestartBackoff);
        check.Time(nameof(options.StableAfter), options.StableAfter, TimeSpan.Zero);
        check.Limit(nameof(options.MaxRestarts), options.MaxRestarts, 0);
        check.PositiveTime(nameof(options.MaxRestartsWindow), options.MaxRestartsWindow);
        check.Choice(nameof(options.ReloadMethod), options.ReloadMethod);
        check.Choice(nameof(options.OnGiveUp), options.OnGiveUp);
        check.Limit(nameof(options.LivenessTimeout), options.LivenessTimeout, OptionLimits.MinCheckedTime, OptionLimits.MaxTime);
        check.Limit(nameof(options.MaxAge), options.MaxAge, OptionLimits.MinCheckedTime, OptionLimits.MaxAge);
        check.Limit(nameof(options.MaxMemory), options.MaxMemory, OptionLimits.MinMemory);
        CheckVariables(check, options.Environment);
        check.Number(nameof(options.Nice), options.Nice, OptionLimits.MinNice, OptionLimits.MaxNice);
        check.Choice(nameof(options.Scope), options.Scope);
        check.Number(nameof(options.MaxWorkersHere), options.MaxWorkersHere, 0, OptionLimits.MaxWorkers);
        return check.ResultWith(_read.TryGetValue(options, out var reader) ? reader.Errors : []);
    }

    private static void CheckVariables(OptionsCheck check, IEnumerable<KeyValuePair<string, string?>> variables)
    {
        const string key = nameof(CotyledonWorkerOptions.Environment);
        foreach (var (name, value) in variables)
        {
            if (value?.Contains('\0', StringComparison.Ordinal) == true)
            {
                check.Fail(key, $"set with a null character in the value of '{name}'", "set without null characters, because the system ends a value at the first one");
            }

            if (name.Length == 0 || name.Contains('=', StringComparison.Ordinal) || name.Contains('\0', StringComparison.Ordinal))
            {
                check.Fail(key, $"set with the variable name '{name}'", "set with names that are not empty and have no '=' and no null character");
            }
            else if (name == Channel.Protocol.ChannelVariable)
            {
                check.Fail(key, $"set with the variable name {name}", "set without this variable, which Cotyledon.Hosting reserves");
            }
        }
    }
}
