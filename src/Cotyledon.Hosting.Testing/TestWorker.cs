using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Testing;

/// <summary>Runs workers in a test.</summary>
/// <example>
/// <code>
/// await using var worker = await TestWorker.StartAsync&lt;Poller&gt;(options =&gt; (options.WorkerId, options.WorkerCount) = (1, 4));
/// Assert.That(await worker.ReloadAsync(), Is.EqualTo(TestReloadOutcome.Reloaded));
/// Assert.That((await worker.StopAsync()).ExitCode, Is.Zero);
/// </code>
/// </example>
public static class TestWorker
{
    /// <summary>Starts a worker and waits until it is ready.</summary>
    /// <typeparam name="T">The service.</typeparam>
    /// <param name="configure">Sets the options of the worker.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The worker. Its disposal stops the service.</returns>
    /// <exception cref="InvalidOperationException">The worker exited before it was ready; the message has the reason.</exception>
    /// <exception cref="OptionsValidationException">Options with <c>ValidateOnStart</c> are invalid: a program does not start with them.</exception>
    /// <exception cref="TimeoutException">The worker was not ready within <see cref="TestWorkerOptions.ReadyTimeout"/>.</exception>
    public static async Task<TestWorker<T>> StartAsync<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(
        Action<TestWorkerOptions>? configure = null, CancellationToken cancellationToken = default)
        where T : class, IHostedService
    {
        var worker = Start<T>(configure);
        try
        {
            await worker.WaitUntilReadyAsync(cancellationToken).ConfigureAwait(false);
            return worker;
        }
        catch
        {
            await worker.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts a worker without waiting until it is ready, for example to test a start that fails or hangs.</summary>
    /// <typeparam name="T">The service.</typeparam>
    /// <param name="configure">Sets the options of the worker.</param>
    /// <returns>The worker. Its disposal stops the service.</returns>
    /// <exception cref="ArgumentException">The name of the service is not valid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <see cref="TestWorkerOptions.GracefulShutdownTimeout"/> or <see cref="TestWorkerOptions.ReadyTimeout"/> is zero, negative or longer than a
    /// day, or the number of workers is out of range.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// <typeparamref name="T"/> is registered several times, and <see cref="TestWorkerOptions.ServiceName"/> does not select one.
    /// </exception>
    /// <exception cref="OptionsValidationException">Options with <c>ValidateOnStart</c> are invalid: a program does not start with them.</exception>
    public static TestWorker<T> Start<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(
        Action<TestWorkerOptions>? configure = null)
        where T : class, IHostedService
    {
        var settings = new SettingsSource();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        var options = new TestWorkerOptions(builder.Services, settings.Settings);
        configure?.Invoke(options);
        OptionLimits.CheckTimeout(options.ReadyTimeout, nameof(options.ReadyTimeout));
        ((IConfigurationBuilder)builder.Configuration).Add(settings);
        var name = NameIn<T>(options);
        WorkerHarness.UseManagerOfWorkers(builder.Services);
        var host = builder.Build();
        try
        {
            host.Services.GetService<IStartupValidator>()?.Validate();
            var worker = new TestWorker<T>(host, options, settings, name);
            worker.Begin();
            return worker;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Finds the name of the service. If the test has not registered it, it is registered here.</summary>
    private static string NameIn<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(
        TestWorkerOptions options)
        where T : class, IHostedService
    {
        var matches = NamesIn(options, typeof(T));
        if (matches.Count == 0)
        {
            object[] arguments = [.. options.Arguments];
            options.Services.AddCotyledonWorker(
                options.ServiceName ?? WorkerHarness.NameOf(typeof(T)),
                options.WorkerCount,
                services => ActivatorUtilities.CreateInstance<T>(services, arguments));
            matches = NamesIn(options, typeof(T));
        }

        return matches is [var name]
            ? name
            : throw new InvalidOperationException(
                $"{WorkerHarness.NameOf(typeof(T))} is registered as {string.Join(", ", matches)}. "
                + $"Set {nameof(TestWorkerOptions.ServiceName)} to select one of them.");
    }

    private static List<string> NamesIn(TestWorkerOptions options, Type type) =>
        [.. WorkerHarness.NamesIn(options.Services, type).Where(name => options.ServiceName is null || name == options.ServiceName)];
}
