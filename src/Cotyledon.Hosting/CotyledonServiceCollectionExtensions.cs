using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting;
using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.HostProgram;
using Cotyledon.Hosting.Master;
using Cotyledon.Hosting.Observability;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Shared;
using Cotyledon.Hosting.Systemd;
using Cotyledon.Hosting.Worker;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers services that run as supervised worker processes.</summary>
public static class CotyledonServiceCollectionExtensions
{
    /// <summary>
    /// Runs a hosted service in supervised worker processes. The program starts itself again, once for each worker, and a worker runs this
    /// service only.
    /// </summary>
    /// <typeparam name="T">The service. Created in its own scope; <see cref="IWorkerContext"/> can be injected.</typeparam>
    /// <param name="services">The services of the program.</param>
    /// <param name="workers">
    /// The number of workers, 0 to 10,000. The configuration (<c>Cotyledon:Services:NAME:Workers</c>) overrides it.
    /// </param>
    /// <param name="name">
    /// The name of the service; by default that of the type. The name of a generic type <c>Worker&lt;Foo, Bar&gt;</c> is <c>WorkerOfFooAndBar</c>.
    /// </param>
    /// <returns>A builder for the options of the service. The configuration overrides them.</returns>
    /// <exception cref="ArgumentException">
    /// The name is empty, longer than 100 characters, has a colon or control characters, or is registered already; or
    /// <typeparamref name="T"/> cannot be constructed.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="workers"/> is out of range.</exception>
    /// <remarks>
    /// Call it early in <c>Program.cs</c>. From then on signals are handled, and a worker stops if its master has exited.
    /// </remarks>
    /// <example>
    /// <code>builder.Services.AddCotyledonWorker&lt;Poller&gt;(workers: 2);</code>
    /// </example>
    [SuppressMessage("ApiDesign", "RS0027", Justification = "The other overloads begin with a name. A call with a name only means the same with each of them.")]
    public static OptionsBuilder<CotyledonWorkerOptions> AddCotyledonWorker<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(
        this IServiceCollection services, int workers = 1, string? name = null)
        where T : class, IHostedService
    {
        RegistrationCheck.Constructible(typeof(T));
        return services.AddCotyledonWorker(name ?? ServiceName.Of(typeof(T)), workers, Create<T>);
    }

    /// <summary>Runs a hosted service in supervised worker processes: in one, unless the configuration has another number.</summary>
    /// <typeparam name="T">The service. Created in its own scope; <see cref="IWorkerContext"/> can be injected.</typeparam>
    /// <param name="services">The services of the program.</param>
    /// <param name="name">The name of the service.</param>
    /// <returns>A builder for the options of the service. The configuration overrides them.</returns>
    /// <exception cref="ArgumentException">
    /// The name is empty, longer than 100 characters, has a colon or control characters, or is registered already; or
    /// <typeparamref name="T"/> cannot be constructed.
    /// </exception>
    /// <example>
    /// <code>builder.Services.AddCotyledonWorker&lt;Poller&gt;("poller");</code>
    /// </example>
    public static OptionsBuilder<CotyledonWorkerOptions> AddCotyledonWorker<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(
        this IServiceCollection services, string name)
        where T : class, IHostedService
    {
        RegistrationCheck.Constructible(typeof(T));
        return services.AddCotyledonWorker(name, workers: 1, Create<T>);
    }

    /// <summary>Runs a hosted service in supervised worker processes, with options that code sets.</summary>
    /// <typeparam name="T">The service. Created in its own scope; <see cref="IWorkerContext"/> can be injected.</typeparam>
    /// <param name="services">The services of the program.</param>
    /// <param name="name">The name of the service.</param>
    /// <param name="configure">Sets the options of the service, before the configuration overrides them.</param>
    /// <returns>A builder for the options of the service. The configuration overrides them.</returns>
    /// <exception cref="ArgumentException">
    /// The name is empty, longer than 100 characters, has a colon or control characters, or is registered already; or
    /// <typeparamref name="T"/> cannot be constructed.
    /// </exception>
    /// <example>
    /// <code>
    /// builder.Services.AddCotyledonWorker&lt;Poller&gt;("poller", options =&gt;
    /// {
    ///     options.Workers = 2;
    ///     options.MaxAge = TimeSpan.FromDays(1);
    /// });
    /// </code>
    /// </example>
    public static OptionsBuilder<CotyledonWorkerOptions> AddCotyledonWorker<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(
        this IServiceCollection services, string name, Action<CotyledonWorkerOptions> configure)
        where T : class, IHostedService
    {
        ArgumentNullException.ThrowIfNull(configure);
        RegistrationCheck.Constructible(typeof(T));
        return services.AddCotyledonWorker(name, workers: 1, Create<T>).Configure(configure);
    }

    /// <summary>Runs a hosted service that a factory creates in supervised worker processes.</summary>
    /// <typeparam name="T">The service.</typeparam>
    /// <param name="services">The services of the program.</param>
    /// <param name="name">The name of the service.</param>
    /// <param name="workers">
    /// The number of workers, 0 to 10,000. The configuration (<c>Cotyledon:Services:NAME:Workers</c>) overrides it.
    /// </param>
    /// <param name="factory">
    /// Creates the service, once in each worker, with the services of its own scope. The worker starts, stops and disposes of the service.
    /// If the run of a <see cref="BackgroundService"/> or <see cref="CotyledonService"/> fails, the worker exits.
    /// </param>
    /// <returns>A builder for the options of the service. The configuration overrides them.</returns>
    /// <exception cref="ArgumentException">
    /// The name is empty, longer than 100 characters, has a colon or control characters, or is registered already.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="workers"/> is out of range.</exception>
    /// <example>
    /// <code>
    /// builder.Services.AddCotyledonWorker(
    ///     "poller", workers: 2, services =&gt; ActivatorUtilities.CreateInstance&lt;Poller&gt;(services, "https://example.org"));
    /// </code>
    /// </example>
    public static OptionsBuilder<CotyledonWorkerOptions> AddCotyledonWorker<T>(
        this IServiceCollection services, string name, int workers, Func<IServiceProvider, T> factory)
        where T : class, IHostedService
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(factory);
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(workers, OptionLimits.MaxWorkers);
        RegistrationCheck.Name(name, services);
        services.AddCotyledon();
        services.AddSingleton(new WorkerRegistration(name, typeof(T), factory));
        return services.AddOptions<CotyledonWorkerOptions>(name).Configure(options => options.Workers = workers);
    }

    /// <summary>Registers hooks, called in master and workers. May be called several times.</summary>
    /// <typeparam name="T">The hooks; one instance in each process.</typeparam>
    /// <param name="services">The services of the program.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddCotyledonHooks<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(this IServiceCollection services)
        where T : class, ICotyledonHooks
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddCotyledon();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICotyledonHooks, T>());
        return services;
    }

    /// <summary>Runs a hosted service of the program in workers too. Without this call it runs in the master only.</summary>
    /// <typeparam name="T">The type of the hosted service, as it is registered.</typeparam>
    /// <param name="services">The services of the program.</param>
    /// <returns>The same services.</returns>
    /// <remarks>
    /// For a hosted service without a public type use <see cref="CotyledonOptions.HostedServicesInWorkers"/>. If no hosted service of the type
    /// is registered, a warning is logged at the start.
    /// </remarks>
    /// <example>
    /// <code>
    /// builder.Services.AddHostedService&lt;CacheWarmer&gt;();
    /// builder.Services.KeepHostedServiceInWorkers&lt;CacheWarmer&gt;();
    /// </code>
    /// </example>
    public static IServiceCollection KeepHostedServiceInWorkers<T>(this IServiceCollection services)
        where T : IHostedService
    {
        services.AddCotyledon().Configure(options => options.HostedServicesInWorkers.Add(typeof(T).FullName!));
        return services;
    }

    /// <summary>
    /// Registers the supervisor, or in a worker its counterpart. <c>AddCotyledonWorker</c> calls this method too. Call it to configure the
    /// options for all services.
    /// </summary>
    /// <param name="services">The services of the program.</param>
    /// <returns>A builder for the options for all services. The configuration overrides them.</returns>
    public static OptionsBuilder<CotyledonOptions> AddCotyledon(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<CotyledonOptions>();
        if (services.Any(d => d.ServiceType == typeof(WorkerContextHolder)))
        {
            return options;
        }

        CotyledonHost.Initialize();
        PoolThreads.Keep();
        NativeOptions.Include(services);
        services.AddScoped<WorkerContextHolder>();
        services.AddScoped<IWorkerContext>(provider => provider.GetRequiredService<WorkerContextHolder>().Context);
        services.TryAddSingleton(TimeProvider.System);
        AddLogger(services);
        services.AddSingleton(new ProviderSearchers(services));
        AddSetup<CotyledonOptions, CotyledonOptionsSetup>(services);
        AddSetup<CotyledonWorkerOptions, CotyledonWorkerOptionsSetup>(services);
        if (CotyledonHost.IsWorker)
        {
            AddWorker(services);
        }
        else
        {
            AddMaster(services);
        }

        return options;
    }

    private static T Create<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(IServiceProvider services)
        where T : class, IHostedService =>
        ActivatorUtilities.CreateInstance<T>(services);

    /// <summary>Guards the loggers, unless the program has registered a type of its own.</summary>
    private static void AddLogger(IServiceCollection services)
    {
        var present = services.LastOrDefault(d => d.ServiceType == typeof(ILogger<>) && !d.IsKeyedService);
        if (present is null || present.ImplementationType == typeof(Logger<>))
        {
            services.AddSingleton(typeof(ILogger<>), typeof(GuardedLogger<>));
        }
    }

    /// <summary>Registers one instance for reading and validation, so that the validation knows which values could not be read.</summary>
    private static void AddSetup<
        TOptions, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TSetup>(
        IServiceCollection services)
        where TOptions : class
        where TSetup : class, IPostConfigureOptions<TOptions>, IValidateOptions<TOptions>
    {
        services.AddSingleton<TSetup>();
        services.AddSingleton<IPostConfigureOptions<TOptions>>(provider => provider.GetRequiredService<TSetup>());
        services.AddSingleton<IValidateOptions<TOptions>>(provider => provider.GetRequiredService<TSetup>());
    }

    private static void AddMaster(IServiceCollection services)
    {
        _ = ProgramCommand.OfThisProcess;
        if (ForeignHost.Kind == HostProgramKind.Application)
        {
            PoolThreads.SleepWhenIdle();
            _ = MasterSignals.Instance;

            // Created before the host is built, because AddSystemd reads the socket variable at that time.
            _ = ServiceManagerNotifier.Instance;
        }

        services.AddSingleton<StoppedStart>();
        services.AddSingleton<IPostConfigureOptions<HostOptions>>(provider => provider.GetRequiredService<StoppedStart>());
        services.AddMetrics();
        services.AddSingleton<Telemetry>();
        services.AddSingleton(_ => ServiceManagerNotifier.Instance);
        services.AddSingleton(typeof(IOptions<>), typeof(CandidateOptions<>));
        services.AddSingleton(typeof(IOptionsMonitorCache<>), typeof(CandidateOptionsCache<>));
        services.AddSingleton<MasterConfiguration>();
        services.AddSingleton(new HostedServiceTypes(services));
        services.AddSingleton<MasterSettings>();
        services.AddSingleton<MasterProcess>();
        services.AddSingleton<ShutdownTimeout>();
        services.AddSingleton<MasterHost>();
        services.AddSingleton<SupervisorService>();
        services.AddSingleton<SupervisorDisposal>();
        services.AddSingleton<ICotyledonManager>(provider => provider.GetRequiredService<SupervisorService>());
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<SupervisorService>());
    }

    private static void AddWorker(IServiceCollection services)
    {
        WorkerHostedServices.AddTo(services, provider => WorkerHostedServices.CreateWorker(services, provider, Lifeline.Current!));
        services.AddSingleton<IHostLifetime, WorkerLifetime>();
        services.AddSingleton<ICotyledonManager, NoManager>();

        services.PostConfigure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);

        // A spare may wait for its worker id for any time, and the lifeline enforces the graceful timeout.
        services.PostConfigure<HostOptions>(options =>
            options.StartupTimeout = options.ShutdownTimeout = Timeout.InfiniteTimeSpan);
    }
}
