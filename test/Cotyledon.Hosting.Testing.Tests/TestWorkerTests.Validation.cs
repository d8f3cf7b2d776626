using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Testing.Tests;

/// <summary>Settings with which options are invalid.</summary>
internal sealed partial class TestWorkerTests
{
    private const string Limit = "Validated:Limit";

    [TestCase("-1", "Limit is negative.")]
    [TestCase("x", "Failed to convert")]
    public async Task A_rejected_reload_has_the_exception_of_the_validation(string invalid, string error)
    {
        IDictionary<string, string?> settings = null!;
        await using var worker = await StartAsync(o =>
        {
            settings = o.Settings;
            settings[Limit] = "5";
            AddValidated(o).ValidateOnStart();
        });
        Assert.That(worker.ReloadError, Is.Null);
        settings[Limit] = invalid;

        Assert.That(await worker.ReloadAsync(), Is.EqualTo(TestReloadOutcome.Rejected));
        Assert.That(worker.ReloadError!.ToString(), Does.Contain(error));
        Assert.That(worker.Services.GetRequiredService<IConfiguration>()[Limit], Is.EqualTo("5"));
        Assert.That(MonitorOf(worker).CurrentValue.Limit, Is.EqualTo(5));
        Assert.That(_behaviour.Lines, Is.Empty);
        Assert.That(worker.Completion.IsCompleted, Is.False);

        settings[Limit] = "7";
        Assert.That(await worker.ReloadAsync(), Is.EqualTo(TestReloadOutcome.Reloaded));
        Assert.That(MonitorOf(worker).CurrentValue.Limit, Is.EqualTo(7));
    }

    [Test]
    public async Task Invalid_options_without_ValidateOnStart_do_not_reject_a_reload()
    {
        IDictionary<string, string?> settings = null!;
        await using var worker = await StartAsync(o =>
        {
            settings = o.Settings;
            AddValidated(o);
        });
        Assert.That(MonitorOf(worker).CurrentValue.Limit, Is.Zero, "from now on, a change creates the options at once");
        (settings[Limit], settings["Key"]) = ("-1", "new");

        Assert.That(await worker.ReloadAsync(), Is.EqualTo(TestReloadOutcome.Reloaded));
        Assert.That(worker.ReloadError, Is.Null);
        Assert.That(_behaviour.Lines, Is.EqualTo(new[] { "reload new" }));
        Assert.That(() => MonitorOf(worker).CurrentValue, Throws.TypeOf<OptionsValidationException>());
    }

    [Test]
    public void A_worker_with_invalid_options_does_not_start() => Assert.That(
        () => StartAsync(o =>
        {
            o.Settings[Limit] = "-1";
            AddValidated(o).ValidateOnStart();
        }),
        Throws.TypeOf<OptionsValidationException>());

    private static OptionsBuilder<ValidatedOptions> AddValidated(TestWorkerOptions options) => options.Services
        .AddOptions<ValidatedOptions>()
        .BindConfiguration("Validated")
        .Validate(v => v.Limit >= 0, "Limit is negative.");

    private static IOptionsMonitor<ValidatedOptions> MonitorOf(TestWorker<Scripted> worker) =>
        worker.Services.GetRequiredService<IOptionsMonitor<ValidatedOptions>>();
}
