using Cotyledon.Hosting.Serilog;
using Microsoft.Extensions.Primitives;
using Serilog;
using Serilog.Core;
using Serilog.Debugging;
using Serilog.Events;
using Serilog.Formatting.Json;

namespace Cotyledon.Hosting.TestApp;

/// <summary>A log of JSON lines that rolls at a size, with levels from the configuration.</summary>
internal static class LogFile
{
    private const int RollAt = 1024 * 1024;

    public static void AddLogFile(this IServiceCollection services, IConfiguration configuration, string mode)
    {
        SelfLog.Enable(Console.Error);
        services.AddCotyledonSerilog(
            logger => Configure(logger, configuration, mode == "direct" ? $"log-{Environment.ProcessId}-.json" : "log-.json"),
            options =>
            {
                options.Mode = Enum.Parse<CotyledonSerilogMode>(mode, ignoreCase: true);
                options.BufferSize = configuration.GetValue("BufferSize", options.BufferSize);
                options.ConfigureWorkers = logger => logger.Enrich.WithProperty("Enriched", Environment.ProcessId);
            });
    }

    private static void Configure(LoggerConfiguration logger, IConfiguration configuration, string file)
    {
        Trace.Write("sinks");
        logger
            .MinimumLevel.ControlledBy(Switch(configuration, "LogLevel", LogEventLevel.Information))
            .MinimumLevel.Override("Quiet", Switch(configuration, "QuietLevel", LogEventLevel.Error))
            .WriteTo.File(
                new JsonFormatter(),
                file,
                rollingInterval: RollingInterval.Day,
                fileSizeLimitBytes: RollAt,
                rollOnFileSizeLimit: true,
                retainedFileCountLimit: null);
    }

    private static LoggingLevelSwitch Switch(IConfiguration configuration, string key, LogEventLevel otherwise)
    {
        var level = new LoggingLevelSwitch(configuration.GetValue(key, otherwise));
        ChangeToken.OnChange(configuration.GetReloadToken, () => level.MinimumLevel = configuration.GetValue(key, otherwise));
        return level;
    }
}
