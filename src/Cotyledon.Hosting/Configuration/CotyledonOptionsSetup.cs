using System.Runtime.CompilerServices;
using Cotyledon.Hosting.Cluster;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Configuration;

/// <summary>
/// Reads section <c>Cotyledon</c> over the values that code has set, and validates the result. It runs after all other configuration of the
/// options, because the configuration overrides code.
/// </summary>
internal sealed class CotyledonOptionsSetup(IServiceProvider services)
    : IPostConfigureOptions<CotyledonOptions>, IValidateOptions<CotyledonOptions>
{
    public const string ControlSection = CotyledonOptions.SectionName + ":" + nameof(CotyledonOptions.Control);

    public const string ClusterSection = CotyledonOptions.SectionName + ":" + nameof(CotyledonOptions.Cluster);

    private static readonly TimeSpan MinLease = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxLease = TimeSpan.FromHours(1);

    private readonly IConfiguration? _configuration = services.GetService<IConfiguration>();

    /// <summary>The readers of each options object, whose errors are reported together when the options are validated.</summary>
    private readonly ConditionalWeakTable<CotyledonOptions, SectionReader[]> _read = [];

    /// <summary>The values of the options by their keys in the configuration, those of code included.</summary>
    public IEnumerable<KeyValuePair<string, string>> EffectiveOf(CotyledonOptions options) =>
        _read.TryGetValue(options, out var readers) ? readers.SelectMany(r => r.Effective) : [];

    public void PostConfigure(string? name, CotyledonOptions options)
    {
        var reader = new SectionReader(_configuration, CotyledonOptions.SectionName);
        options.Mode = reader.Choice(nameof(options.Mode), options.Mode);
        options.GracefulShutdownTimeout = reader.Time(
            nameof(options.GracefulShutdownTimeout), options.GracefulShutdownTimeout);
        options.HookTimeout = reader.Time(nameof(options.HookTimeout), options.HookTimeout);
        options.ReloadOnChange = reader.Flag(nameof(options.ReloadOnChange), options.ReloadOnChange);
        options.LogOptions = reader.Flag(nameof(options.LogOptions), options.LogOptions);
        options.MaxConcurrentStarts = reader.NumberOrNull(nameof(options.MaxConcurrentStarts), options.MaxConcurrentStarts);
        options.SpareWorkers = reader.Number(nameof(options.SpareWorkers), options.SpareWorkers);
        options.SecretKeys.UnionWith(reader.Texts(nameof(options.SecretKeys)));
        options.HostedServicesInWorkers.UnionWith(reader.Texts(nameof(options.HostedServicesInWorkers)));
        _read.AddOrUpdate(options, [reader, ReadControl(options.Control), ReadCluster(options.Cluster)]);
    }

    public ValidateOptionsResult Validate(string? name, CotyledonOptions options)
    {
        var check = new OptionsCheck(_configuration, CotyledonOptions.SectionName);
        check.Choice(nameof(options.Mode), options.Mode);
        check.Timeout(nameof(options.GracefulShutdownTimeout), options.GracefulShutdownTimeout);
        check.PositiveTime(nameof(options.HookTimeout), options.HookTimeout);
        check.Number(nameof(options.MaxConcurrentStarts), options.MaxConcurrentStarts, 1, OptionLimits.MaxWorkers);
        check.Number(nameof(options.SpareWorkers), options.SpareWorkers, 0, OptionLimits.MaxSpareWorkers);
        CheckControl(check, options.Control);
        CheckCluster(check, options.Cluster);
        return check.ResultWith(_read.TryGetValue(options, out var readers) ? [.. readers.SelectMany(r => r.Errors)] : []);
    }

    private SectionReader ReadControl(CotyledonControlOptions options)
    {
        var reader = new SectionReader(_configuration, ControlSection);
        options.Enabled = reader.Flag(nameof(options.Enabled), options.Enabled);
        options.Path = reader.Text(nameof(options.Path), options.Path);
        options.Group = reader.Text(nameof(options.Group), options.Group);
        options.GroupMayControl = reader.Flag(nameof(options.GroupMayControl), options.GroupMayControl);
        return reader;
    }

    private SectionReader ReadCluster(CotyledonClusterOptions options)
    {
        var reader = new SectionReader(_configuration, ClusterSection);
        options.Name = reader.Text(nameof(options.Name), options.Name);
        options.LeaseDuration = reader.Time(nameof(options.LeaseDuration), options.LeaseDuration);
        return reader;
    }

    private static void CheckCluster(OptionsCheck check, CotyledonClusterOptions options)
    {
        if (options.Name is { } name && !ClusterSettings.IsName(name))
        {
            check.Text($"{nameof(CotyledonOptions.Cluster)}:{nameof(options.Name)}", name, "1 to 64 letters (a to z), digits, '-', '_' and '.'");
        }

        check.Time($"{nameof(CotyledonOptions.Cluster)}:{nameof(options.LeaseDuration)}", options.LeaseDuration, MinLease, MaxLease);
    }

    private static void CheckControl(OptionsCheck check, CotyledonControlOptions options)
    {
        if (options.Path is { } path && (!Path.IsPathRooted(path) || path.Contains('\0', StringComparison.Ordinal)))
        {
            check.Text($"{nameof(CotyledonOptions.Control)}:{nameof(options.Path)}", path, "the absolute path of a directory");
        }

        if (options.GroupMayControl && options.Group is null)
        {
            check.Fail($"{nameof(CotyledonOptions.Control)}:{nameof(options.GroupMayControl)}", "true", "false if Group is not set");
        }
    }
}
