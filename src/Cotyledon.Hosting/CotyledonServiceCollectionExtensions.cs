using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting;
using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Master;
using Cotyledon.Hosting.Observability;
using Cotyledon.Hosting.Processes;
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
    /// Runs a hosted service in supervised worker processes: the program starts itself again, once for each worker, and in a
    /// worker only this service runs.
    /// </summary>
    /// <typeparam name="T">The service. Made in a scope of its own; <see cref="IWorkerContext"/> may be injected.</typeparam>
    /// <param name="services">The program's services.</param>
    /// <param name="workers">
    /// The number of workers, 0 to 10,000, unless <c>Cotyledon:Services:NAME:Workers</c> says otherwise.
    /// </param>
    /// <param name="name">
    /// The service's name; by default that of the type. A generic type <c>Worker&lt;Foo, Bar&gt;</c> is named <c>WorkerOfFooAndBar</c>.
    /// </param>
    /// <param name="arguments">Constructor arguments that are not services.</param>
    /// <returns>The options of the service, to configure and validate further. What the configuration says wins.</returns>
    /// <exception cref="ArgumentException">
    /// The name is empty, too long, has a colon or control characters, or is registered already; or
    /// <typeparamref name="T"/> cannot be constructed.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="workers"/> is out of range.</exception>
    /// <remarks>
    /// Call it early in <c>Program.cs</c>: from here on signals are handled, and a worker notices that its master is gone.
    /// </remarks>
    [SuppressMessage("ApiDesign", "RS0027", Justification = "The other overload has no type argument: no call fits both.")]
    public static OptionsBuilder<CotyledonWorkerOptions> AddCotyledonWorker<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(
        this IServiceCollection services, int workers = 1, string? name = null, params object[] arguments)
        where T : class, IHostedService
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(arguments);
        RegistrationCheck.Constructible(typeof(T));
        RegistrationCheck.Arguments(typeof(T), arguments);
        return services.AddCotyledonWorker(
            workers, name ?? ServiceName.Of(typeof(T)), typeof(T), provider => ActivatorUtilities.CreateInstance<T>(provider, arguments));
    }

    /// <summary>Runs what a factory makes in supervised worker processes.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="name">The service's name.</param>
    /// <param name="workers">
    /// The number of workers, 0 to 10,000, unless <c>Cotyledon:Services:NAME:Workers</c> says otherwise.
    /// </param>
    /// <param name="create">
    /// Makes the service, once in each worker, with the services of a scope of its own. What it returns is started, stopped and disposed of
    /// by the worker. The run of a <see cref="BackgroundService"/> or <see cref="CotyledonService"/> is followed: where it fails, the worker
    /// exits.
    /// </param>
    /// <returns>The options of the service, to configure and validate further. What the configuration says wins.</returns>
    /// <exception cref="ArgumentException">The name is empty, too long, has a colon or control characters, or is registered already.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="workers"/> is out of range.</exception>
    public static OptionsBuilder<CotyledonWorkerOptions> AddCotyledonWorker(
        this IServiceCollection services, string name, int workers, Func<IServiceProvider, IHostedService> create)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(create);
        return services.AddCotyledonWorker(workers, name, typeof(IHostedService), create);
    }

    /// <summary>Registers hooks, called in master and workers. May be called several times.</summary>
    /// <typeparam name="T">The hooks; one instance in each process.</typeparam>
    /// <param name="services">The program's services.</param>
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

    /// <summary>
    /// Registers the supervisor, or in a worker the worker's side of it. <c>AddCotyledonWorker</c> does so too; call it to
    /// configure the options for all services.
    /// </summary>
    /// <param name="services">The program's services.</param>
    /// <returns>The options for all services. What the configuration says wins.</returns>
    public static OptionsBuilder<CotyledonOptions> AddCotyledon(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<CotyledonOptions>();
        if (services.Any(d => d.ServiceType == typeof(WorkerContextHolder)))
        {
            return options;
        }

        PoolThreads.Keep();
        NativeOptions.Include(services);
        services.AddScoped<WorkerContextHolder>();
        services.AddScoped<IWorkerContext>(provider => provider.GetRequiredService<WorkerContextHolder>().Context);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(typeof(ILogger<>), typeof(GuardedLogger<>));
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

    private static OptionsBuilder<CotyledonWorkerOptions> AddCotyledonWorker(
        this IServiceCollection services, int workers, string name, Type type, Func<IServiceProvider, IHostedService> create)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(workers, OptionLimits.MaxWorkers);
        RegistrationCheck.Name(name, services);
        services.AddCotyledon();
        services.AddSingleton(new WorkerRegistration(name, type, create));
        return services.AddOptions<CotyledonWorkerOptions>(name).Configure(options => options.Workers = workers);
    }

    /// <summary>One instance reads and checks, so that the check knows what could not be read.</summary>
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
            _ = MasterSignals.Instance;

            // Before the host is built: AddSystemd looks for the socket then.
            _ = ServiceManagerNotifier.Instance;
        }

        services.AddMetrics();
        services.AddSingleton<Telemetry>();
        services.AddSingleton(_ => ServiceManagerNotifier.Instance);
        services.AddSingleton(typeof(IOptions<>), typeof(CandidateOptions<>));
        services.AddSingleton(typeof(IOptionsMonitorCache<>), typeof(CandidateOptionsCache<>));
        services.AddSingleton<MasterConfiguration>();
        services.AddSingleton(new HostedServiceTypes(services));
        services.AddSingleton<MasterSettings>();
        services.AddSingleton<MasterHost>();
        services.AddSingleton<SupervisorService>();
        services.AddSingleton<ICotyledonManager>(provider => provider.GetRequiredService<SupervisorService>());
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<SupervisorService>());
    }

    private static void AddWorker(IServiceCollection services)
    {
        WorkerHostedServices.AddTo(services, provider => WorkerHostedServices.CreateWorker(services, provider, Lifeline.Current!));
        services.AddSingleton<IHostLifetime, WorkerLifetime>();
        services.AddSingleton<ICotyledonManager, NoManager>();

        services.PostConfigure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);

        // A spare may wait for its slot for ever, and the lifeline has the last word about the end.
        services.PostConfigure<HostOptions>(options =>
            options.StartupTimeout = options.ShutdownTimeout = Timeout.InfiniteTimeSpan);
    }
}
