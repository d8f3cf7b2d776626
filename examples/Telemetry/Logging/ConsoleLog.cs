using System.Globalization;
using Serilog;
using Serilog.Events;
using Serilog.Sinks.SystemConsole.Themes;

namespace Telemetry.Logging;

internal static class ConsoleLog
{
    private const string Line =
        $"{{Timestamp:HH:mm:ss.fff}} {{Level:u3}} {{{ProcessEnricher.Writer}}} {{Message:lj}}{{NewLine}}{{Exception}}";

    /// <summary>Longer than a line with its colours.</summary>
    private const int BufferSize = 4096;

    /// <summary>Serilog on standard output, with the levels of the section <c>Serilog:MinimumLevel</c>.</summary>
    public static IServiceCollection AddConsoleLog(this IServiceCollection services, IConfiguration configuration)
    {
        // All processes write to the same place, so each line must be one write. The buffer of Console.Out holds no more than 256
        // characters, and Serilog's default theme writes word by word.
        var output = Console.OpenStandardOutput();
        Console.SetOut(new StreamWriter(output, Console.OutputEncoding, BufferSize) { AutoFlush = true });
        return services.AddSerilog((_, logger) => logger
            .SetLevels(configuration.GetSection("Serilog:MinimumLevel"))
            .Enrich.FromLogContext()
            .Enrich.With<ProcessEnricher>()
            .WriteTo.Console(
                outputTemplate: Line,
                formatProvider: CultureInfo.InvariantCulture,
                theme: AnsiConsoleTheme.Literate,
                // Standard output decides alone: a worker's standard error always is a pipe, to its master.
                applyThemeToRedirectedOutput: !Console.IsOutputRedirected));
    }

    private static LoggerConfiguration SetLevels(this LoggerConfiguration logger, IConfigurationSection levels)
    {
        logger.MinimumLevel.Is(levels.GetValue("Default", LogEventLevel.Information));
        foreach (var (source, level) in levels.GetSection("Override").Get<Dictionary<string, LogEventLevel>>() ?? [])
        {
            logger.MinimumLevel.Override(source, level);
        }

        return logger;
    }
}
