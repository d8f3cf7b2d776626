using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Testing;

/// <summary>Which worker a test runs, and what stands around it.</summary>
public sealed class TestWorkerOptions
{
    internal TestWorkerOptions(IServiceCollection services, IDictionary<string, string?> settings)
    {
        Services = services;
        Settings = settings;
    }

    /// <summary>What the service gets from the container: fakes, options, hooks.</summary>
    /// <value>What an empty host has, logging without providers included. <see cref="IHost"/> is built and never started.</value>
    public IServiceCollection Services { get; }

    /// <summary>The configuration, by full key such as <c>Poller:Interval</c>.</summary>
    /// <value>Empty by default. What is changed later is read by <see cref="TestWorker{T}.ReloadAsync"/>.</value>
    public IDictionary<string, string?> Settings { get; }

    /// <summary>The name of the service.</summary>
    /// <value>That of the registration in <see cref="Services"/>, if there is one; else that of the type.</value>
    public string? ServiceName { get; set; }

    /// <summary>Constructor arguments that are not services, where <see cref="Services"/> has no registration of the service.</summary>
    /// <value>Empty by default.</value>
    public IList<object> Arguments { get; } = [];

    /// <summary>The worker id.</summary>
    /// <value>0 by default.</value>
    public int WorkerId { get; set; }

    /// <summary>How many workers there are.</summary>
    /// <value>1 by default.</value>
    public int WorkerCount { get; set; } = 1;

    /// <summary>How often the slot was filled.</summary>
    /// <value>1 by default.</value>
    public long Incarnation { get; set; } = 1;

    /// <summary>How long a stop or a reload may take.</summary>
    /// <value>30 seconds by default. <see cref="TimeSpan.Zero"/> waits for ever.</value>
    public TimeSpan GracefulShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long <see cref="TestWorker{T}.WaitUntilReadyAsync"/> waits.</summary>
    /// <value>30 seconds by default. <see cref="TimeSpan.Zero"/> waits for ever.</value>
    public TimeSpan ReadyTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the worker is ready only when it has called <see cref="IWorkerContext.MarkReady"/>.</summary>
    /// <value><see langword="false"/> by default.</value>
    public bool WaitForMarkReady { get; set; }
}
