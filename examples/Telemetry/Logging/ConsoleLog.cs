using System.Globalization;
using Microsoft.Extensions.Options;
using Serilog;
using Serilog.Sinks.SystemConsole.Themes;

namespace Telemetry.Logging;

internal static class ConsoleLog
{
    private const string Line =
        $"{{Timestamp:HH:mm:ss.fff}} {{Level:u3}} {{{WriterEnricher.Writer}}} {{Message:lj}}{{NewLine}}{{Exception}}";

    /// <summary>Writes the log to the standard output of the master, with the levels of section <c>Serilog:MinimumLevel</c>.</summary>
    public static IServiceCollection AddConsoleLog(this IServiceCollection services)
    {
        services.AddOptions<LevelOptions>().BindConfiguration(LevelOptions.SectionName).ValidateOnStart();
        return services.AddCotyledonSerilog(Configure);
    }

    private static void Configure(IServiceProvider services, LoggerConfiguration logger)
    {
        var options = services.GetRequiredService<IOptionsMonitor<LevelOptions>>();
        var levels = new LevelSwitches(options.CurrentValue);
        options.OnChange(levels.Set);
        levels.AddTo(logger);
        logger
            .Enrich.FromLogContext()
            .Enrich.With<WriterEnricher>()
            .WriteTo.Console(outputTemplate: Line, formatProvider: CultureInfo.InvariantCulture, theme: AnsiConsoleTheme.Literate);
    }
}
