using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Serilog.Tests;

/// <summary>The log of a process that was not started by a master: the master itself, or a program in one process.</summary>
[NonParallelizable]
public class RegistrationTests
{
    private readonly Collector _written = new();

    [Test]
    public void Without_forwarding_the_log_is_that_of_the_program_with_the_process_id()
    {
        using var host = Build();
        host.Services.GetRequiredService<ILogger<RegistrationTests>>().LogInformation("By the framework {Number}", 1);
        global::Serilog.Log.Information("By the static logger");
        host.Services.GetRequiredService<global::Serilog.ILogger>().Information("By its own logger {ProcessId}", 7);

        Assert.That(_written.Events.Select(e => e.Properties["ProcessId"].ToString()), Is.EqualTo(new[]
        {
            Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
            Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
            "7",
        }));
    }

    [Test]
    public void PreserveStaticLogger_keeps_the_static_logger()
    {
        var before = global::Serilog.Log.Logger;
        using var host = Build(options => options.PreserveStaticLogger = true);
        host.Services.GetRequiredService<ILogger<RegistrationTests>>().LogInformation("Here");

        Assert.That(global::Serilog.Log.Logger, Is.SameAs(before));
        Assert.That(_written.Events, Has.Count.EqualTo(1));
    }

    [TestCase(0, 16777216L, 2.0, "BufferSize is 0; it must be 1 to 10000000.")]
    [TestCase(1, 1L, 2.0, "BufferBytes is 1; it must be 65536 to 1073741824.")]
    [TestCase(1, 65536L, -1.0, "FlushTimeout is -00:00:01; it must be 00:00:00 to 00:01:00.")]
    public void An_option_out_of_range_is_rejected_with_its_limits(int size, long bytes, double flush, string error) => Assert.That(
        () => Build(options =>
        {
            (options.BufferSize, options.BufferBytes, options.FlushTimeout) = (size, bytes, TimeSpan.FromSeconds(flush));
        }),
        Throws.ArgumentException.With.Message.EqualTo($"CotyledonSerilogOptions.{error}"));

    [Test]
    public void A_second_registration_is_rejected()
    {
        var services = new ServiceCollection();
        services.AddCotyledonSerilog(_ => { });

        Assert.That(
            () => services.AddCotyledonSerilog(_ => { }), Throws.InvalidOperationException.With.Message.Contain("called twice"));
    }

    private IHost Build(Action<CotyledonSerilogOptions>? configure = null)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddCotyledonSerilog(logger => logger.WriteTo.Sink(_written), configure);
        return builder.Build();
    }
}
