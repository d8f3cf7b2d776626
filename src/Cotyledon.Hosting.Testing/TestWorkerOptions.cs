using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Testing;

/// <summary>Contains the options of a worker in a test: its identity, its services and its configuration.</summary>
/// <example>
/// <code>
/// await using var worker = await TestWorker.StartAsync&lt;Poller&gt;(options =&gt;
/// {
///     options.Services.AddSingleton(TimeProvider.System);
///     options.Settings["Poller:Interval"] = "00:00:01";
///     options.ServiceName = "Poller";
///     options.WorkerId = 1;
///     options.WorkerCount = 4;
///     options.Incarnation = 2;
///     options.GracefulShutdownTimeout = TimeSpan.FromSeconds(10);
///     options.ReadyTimeout = TimeSpan.FromSeconds(10);
///     options.WaitForMarkReady = false;
/// });
/// </code>
/// </example>
public sealed class TestWorkerOptions
{
    internal TestWorkerOptions(IServiceCollection services, IDictionary<string, string?> settings)
    {
        Services = services;
        Settings = settings;
    }

    /// <summary>Gets the services that can be injected: fakes, options, hooks.</summary>
    /// <value>The services of an empty host, logging without providers included. The <see cref="IHost"/> is built and never started.</value>
    public IServiceCollection Services { get; }

    /// <summary>Gets the configuration, by full keys such as <c>Poller:Interval</c>.</summary>
    /// <value>Empty by default. <see cref="TestWorker{T}.ReloadAsync"/> reads later changes.</value>
    public IDictionary<string, string?> Settings { get; }

    /// <summary>Gets or sets the name of the service.</summary>
    /// <value>The name of the registration in <see cref="Services"/>, if there is one, otherwise the name of the type.</value>
    public string? ServiceName { get; set; }

    /// <summary>Gets constructor arguments that are not services. They are used if <see cref="Services"/> has no registration of the service.</summary>
    /// <value>Empty by default.</value>
    public IList<object> Arguments { get; } = [];

    /// <summary>Gets or sets the worker id.</summary>
    /// <value>0 by default.</value>
    public int WorkerId { get; set; }

    /// <summary>Gets or sets the number of workers.</summary>
    /// <value>1 by default.</value>
    public int WorkerCount { get; set; } = 1;

    /// <summary>Gets or sets the incarnation of the worker.</summary>
    /// <value>1 by default.</value>
    public long Incarnation { get; set; } = 1;

    /// <summary>Gets or sets how long a stop or a reload may take.</summary>
    /// <value>30 seconds by default. One day at most, or <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</value>
    public TimeSpan GracefulShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long <see cref="TestWorker{T}.WaitUntilReadyAsync"/> waits.</summary>
    /// <value>30 seconds by default. One day at most, or <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</value>
    public TimeSpan ReadyTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets whether the worker is ready only when it has called <see cref="IWorkerContext.MarkReady"/>.</summary>
    /// <value><see langword="false"/> by default.</value>
    public bool WaitForMarkReady { get; set; }
}
