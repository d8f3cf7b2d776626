using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cotyledon.Hosting;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Queues;
using Cotyledon.Hosting.Queues.Configuration;
using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Queues.Extensibility;
using Cotyledon.Hosting.Queues.Observability;
using Cotyledon.Hosting.Queues.Storage;
using Cotyledon.Hosting.Queues.Transport;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers queues that the master and its workers share.</summary>
public static class CotyledonQueueServiceCollectionExtensions
{
    private const string NeedsTypeInfo = "Pass the JsonTypeInfo<T> of a JsonSerializerContext instead.";

    /// <summary>
    /// Adds a queue, which is injected as <see cref="ICotyledonQueue{T}"/> in the master and in workers. Items are stored as JSON, with
    /// reflection; a <see cref="ReadOnlyMemory{T}"/> of bytes is stored as it is.
    /// </summary>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <param name="services">The services of the program.</param>
    /// <param name="name">The name of the queue and of its configuration section.</param>
    /// <returns>A builder for the options of the queue. The configuration (<c>Cotyledon:Queues:NAME</c>) overrides them.</returns>
    /// <exception cref="ArgumentException">
    /// The name is empty, too long, has a colon, a slash, a backslash or control characters, or is already registered.
    /// </exception>
    [RequiresUnreferencedCode(NeedsTypeInfo)]
    [RequiresDynamicCode(NeedsTypeInfo)]
    public static OptionsBuilder<CotyledonQueueOptions> AddCotyledonQueue<T>(this IServiceCollection services, string name)
        where T : notnull =>
        Add(services, name, BytesFormatOr<T>(() => new JsonFormat<T>(
            (JsonTypeInfo<T>)JsonSerializerOptions.Default.GetTypeInfo(typeof(T)))));

    /// <summary>Adds a queue whose items are stored as JSON without reflection, for trimmed programs and Native AOT.</summary>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <param name="services">The services of the program.</param>
    /// <param name="name">The name of the queue and of its configuration section.</param>
    /// <param name="typeInfo">The metadata for serialization, from a <c>JsonSerializerContext</c>.</param>
    /// <returns>A builder for the options of the queue. The configuration (<c>Cotyledon:Queues:NAME</c>) overrides them.</returns>
    /// <exception cref="ArgumentException">
    /// The name is empty, too long, has a colon, a slash, a backslash or control characters, or is already registered.
    /// </exception>
    public static OptionsBuilder<CotyledonQueueOptions> AddCotyledonQueue<T>(
        this IServiceCollection services, string name, JsonTypeInfo<T> typeInfo)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        return Add(services, name, BytesFormatOr<T>(() => new JsonFormat<T>(typeInfo)));
    }

    private static IItemFormat<T> BytesFormatOr<T>(Func<IItemFormat<T>> other)
        where T : notnull =>
        typeof(T) == typeof(ReadOnlyMemory<byte>) ? (IItemFormat<T>)(object)new BytesFormat() : other();

    private static OptionsBuilder<CotyledonQueueOptions> Add<T>(
        IServiceCollection services, string name, IItemFormat<T> format)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(services);
        QueueName.Check(name, services);
        services.AddCotyledon();
        AddShared(services);
        services.AddSingleton(new QueueRegistration(name, typeof(T)));
        services.AddKeyedSingleton<ICotyledonQueue<T>>(name, (provider, _) => Create(provider, name, format));
        services.TryAddSingleton(GetSingle<T>);
        if (!CotyledonHost.IsWorker)
        {
            services.AddSingleton<IQueueAdministration>(p => new QueueAdministration(
                name, () => p.GetRequiredService<QueueRegistry>().Broker(name)));
        }

        return services.AddOptions<CotyledonQueueOptions>(name);
    }

    private static ICotyledonQueue<T> GetSingle<T>(IServiceProvider provider)
        where T : notnull
    {
        string[] names = [.. provider.GetServices<QueueRegistration>().Where(r => r.ItemType == typeof(T)).Select(r => r.Name)];
        return names is [var name]
            ? provider.GetRequiredKeyedService<ICotyledonQueue<T>>(name)
            : throw new InvalidOperationException(
                $"Several queues of {typeof(T).Name} are registered: {string.Join(", ", names)}. Select one by its name: "
                + $"[FromKeyedServices(\"{names[0]}\")] ICotyledonQueue<{typeof(T).Name}>.");
    }

    private static CotyledonQueue<T> Create<T>(IServiceProvider provider, string name, IItemFormat<T> format)
        where T : notnull
    {
        Func<IQueuePort> connect = CotyledonHost.IsWorker
            ? () => provider.GetRequiredService<WorkerConnection>().Open(name)
            : () => new LocalPort(provider.GetRequiredService<QueueRegistry>().Broker(name));
        return new CotyledonQueue<T>(
            name,
            format,
            connect,
            provider.GetRequiredService<IOptionsMonitor<CotyledonQueueOptions>>().Get(name),
            provider.GetRequiredService<TimeProvider>(),
            GuardedLogger.Create(provider.GetRequiredService<ILoggerFactory>(), "Cotyledon.Hosting.Queues"));
    }

    private static void AddShared(IServiceCollection services)
    {
        if (services.Any(d => d.ServiceType == typeof(QueueOptionsSetup)))
        {
            return;
        }

        services.AddSingleton<QueueOptionsSetup>();
        services.AddSingleton<IPostConfigureOptions<CotyledonQueueOptions>>(p => p.GetRequiredService<QueueOptionsSetup>());
        services.AddSingleton<IValidateOptions<CotyledonQueueOptions>>(p => p.GetRequiredService<QueueOptionsSetup>());
        services.AddSingleton<IQueueStoreFactory, MemoryStoreFactory>();
        services.AddSingleton<IQueueStoreFactory, FileStoreFactory>();
        if (CotyledonHost.IsWorker)
        {
            services.AddSingleton(_ => new WorkerConnection(WorkerProcess.OpenSideChannel(QueueHost.ChannelName)));
            return;
        }

        services.AddSingleton<IConfigurationCheck, QueueOptionsCheck>();
        services.AddSingleton<QueueRegistry>();
        services.AddSingleton<IHealthIssueSource, QueueHealthIssues>();
        services.AddSingleton<QueueHost>();
        services.AddSingleton<ISideChannel>(p => p.GetRequiredService<QueueHost>());
        services.AddSingleton<IHostedService>(p => p.GetRequiredService<QueueHost>());
    }
}
