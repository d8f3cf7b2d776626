using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Serilog;
using Cotyledon.Hosting.Serilog.Sending;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Extensions.Hosting;
using Serilog.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers Serilog for a program that runs as master and workers.</summary>
[SuppressMessage("ApiDesign", "RS0026", Justification = "As AddSerilog has them, in the first version already.")]
public static class CotyledonSerilogServiceCollectionExtensions
{
    /// <summary>
    /// Uses Serilog as the log of the program, as <c>AddSerilog</c> does, with sinks in the master only: workers send their events to the
    /// master, and the master writes them.
    /// </summary>
    /// <param name="services">The services of the program.</param>
    /// <param name="configureLogger">Configures the logger. Called in the master, and in programs without workers.</param>
    /// <param name="configureOptions">Sets the options.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="InvalidOperationException">
    /// The method was called before; or, in a worker, the master was started without it.
    /// </exception>
    public static IServiceCollection AddCotyledonSerilog(
        this IServiceCollection services,
        Action<LoggerConfiguration> configureLogger,
        Action<CotyledonSerilogOptions>? configureOptions = null)
    {
        ArgumentNullException.ThrowIfNull(configureLogger);
        return services.AddCotyledonSerilog((_, logger) => configureLogger(logger), configureOptions);
    }

    /// <summary>
    /// Uses Serilog as the log of the program, as <c>AddSerilog</c> does, with sinks in the master only: workers send their events to the
    /// master, and the master writes them.
    /// </summary>
    /// <param name="services">The services of the program.</param>
    /// <param name="configureLogger">
    /// Configures the logger, with services of the container. Called in the master, and in programs without workers.
    /// </param>
    /// <param name="configureOptions">Sets the options.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="InvalidOperationException">
    /// The method was called before; or, in a worker, the master was started without it.
    /// </exception>
    /// <remarks>
    /// Every event has the properties <c>ProcessId</c>, and in a worker <c>Service</c>, <c>WorkerId</c> and <c>Incarnation</c>; a
    /// property of the same name in the message takes precedence. Levels, overrides, filters and enrichers of the master apply to the events of
    /// workers too. If a level changes while the program runs, by a reload or a level switch, it applies in workers about a second later.
    /// </remarks>
    public static IServiceCollection AddCotyledonSerilog(
        this IServiceCollection services,
        Action<IServiceProvider, LoggerConfiguration> configureLogger,
        Action<CotyledonSerilogOptions>? configureOptions = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configureLogger);
        if (services.Any(d => d.ServiceType == typeof(CotyledonSerilogOptions)))
        {
            throw new InvalidOperationException("AddCotyledonSerilog was called twice. Call it only once.");
        }

        var options = new CotyledonSerilogOptions();
        configureOptions?.Invoke(options);
        options.Check();
        services.AddCotyledon();
        services.AddSingleton(options);
        if (options.Mode == CotyledonSerilogMode.Forward && CotyledonHost.IsWorker)
        {
            AddForwarding(services, options);
            return services;
        }

        services.AddSerilog(
            (provider, logger) => Configure(provider, logger, configureLogger, options),
            options.PreserveStaticLogger,
            options.WriteToProviders);
        if (options.Mode == CotyledonSerilogMode.Forward)
        {
            AddReceiving(services);
        }

        return services;
    }

    private static void Configure(
        IServiceProvider provider,
        LoggerConfiguration logger,
        Action<IServiceProvider, LoggerConfiguration> configureLogger,
        CotyledonSerilogOptions options)
    {
        configureLogger(provider, logger);
        if (CotyledonHost.IsWorker)
        {
            options.ConfigureWorkers?.Invoke(logger);
        }

        logger.Enrich.With(new WorkerIdentity(WorkerProcess.TryGetIdentity));
    }

    private static void AddReceiving(IServiceCollection services)
    {
        services.AddMetrics();
        services.AddSingleton<LogHost>();
        services.AddSingleton<ISideChannel>(provider => provider.GetRequiredService<LogHost>());
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<LogHost>());
    }

    /// <summary>Registers the services that <c>AddSerilog</c> registers, with a logger that sends its events to the master.</summary>
    private static void AddForwarding(IServiceCollection services, CotyledonSerilogOptions options)
    {
        // Opened now, so that the levels of the master have usually arrived when the first logger is created.
        var log = new WorkerLog(WorkerProcess.OpenSideChannel(LogHost.ChannelName), options);
        services.AddSingleton<Serilog.ILogger>(_ => log.CreateLogger());
        services.AddSingleton<ILoggerFactory>(provider =>
        {
            var logger = provider.GetRequiredService<Serilog.ILogger>();
            if (!options.PreserveStaticLogger)
            {
                Serilog.Log.Logger = logger;
            }

            return new SerilogLoggerFactory(logger);
        });
        services.AddSingleton(provider => new DiagnosticContext(provider.GetRequiredService<Serilog.ILogger>()));
        services.AddSingleton<IDiagnosticContext>(provider => provider.GetRequiredService<DiagnosticContext>());
    }
}
