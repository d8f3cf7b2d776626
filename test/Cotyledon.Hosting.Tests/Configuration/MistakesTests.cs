using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Poller = Cotyledon.Hosting.Tests.Configuration.Program.Poller;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary>Each error names the key, the value, the file, and the valid values.</summary>
internal sealed class MistakesTests
{
    private const string WholeNumber = "a whole number";
    private const string Span = "a duration with a unit such as 30s, 5m or 250ms, or hours:minutes:seconds such as 00:01:30; a number needs a unit";
    private const string WorkerRange = "from 0 to 10000";
    private const string OneOrMore = "from 1 to 10000";
    private const string TimeRange = "from 00:00:00 to 1.00:00:00";
    private const string TimeoutRange = PositiveTime + ", or infinite (no limit)";
    private const string PositiveTime = "more than 00:00:00 and at most 1.00:00:00";

    private const string Size = "a number of bytes such as 500000000, 800M or 2 GiB, or null";
    private const string CheckedTime = "from 00:00:01 to 1.00:00:00, or null (no limit)";

    private readonly Program _program = new();

    [TestCase("Services:Poller:Workers", "abc", WholeNumber)]
    [TestCase("Services:Poller:Workers", "", WholeNumber)]
    [TestCase("Services:Poller:Workers", "1.5", WholeNumber)]
    [TestCase("Services:Poller:Workers", "99999999999", WholeNumber)]
    [TestCase("Services:Poller:Workers", null, WholeNumber)]
    [TestCase("MaxConcurrentStarts", "many", WholeNumber + ", or null")]
    [TestCase("GracefulShutdownTimeout", "60", Span)]
    [TestCase("GracefulShutdownTimeout", null, Span)]
    [TestCase("HookTimeout", "10", Span)]
    [TestCase("HookTimeout", "soon", Span)]
    [TestCase("Services:Poller:ReadyTimeout", "00:61:00", Span)]
    [TestCase("Services:Poller:ReadyTimeout", "1w", Span)]
    [TestCase("Services:Poller:GracefulShutdownTimeout", "60", Span + ", or null")]
    [TestCase("Services:Poller:WaitForMarkReady", "yes", "true or false")]
    [TestCase("Services:Poller:WaitForMarkReady", null, "true or false")]
    [TestCase("Services:Poller:OnGiveUp", "GiveUp", "one of KeepDown, StopHost")]
    [TestCase("Services:Poller:ReloadMethod", "Rolling", "one of Auto, Restart, None")]
    [TestCase("ReloadOnChange", "1", "true or false")]
    [TestCase("LogOptions", "on", "true or false")]
    [TestCase("Services:Poller:OnGiveUp", "7", "one of KeepDown, StopHost")]
    [TestCase("Services:Poller:OnGiveUp", null, "one of KeepDown, StopHost")]
    [TestCase("Services:Poller:MaxMemory", "much", Size)]
    [TestCase("Services:Poller:MaxMemory", "1.5G", Size)]
    [TestCase("Services:Poller:MaxMemory", "-5M", Size)]
    [TestCase("Services:Poller:MaxMemory", "9999999999T", Size)]
    [TestCase("Services:Poller:MaxMemory", "", Size)]
    [TestCase("Services:Poller:MaxAge", "60", Span + ", or null")]
    [TestCase("Services:Poller:LivenessTimeout", "60", Span + ", or null")]
    [TestCase("Services:Poller:ReadyTimeout", null, Span)]
    [TestCase("HookTimeout", "0", Span)]
    [TestCase("HookTimeout", "-10s", Span)]
    [TestCase("HookTimeout", "-00:00:01", Span)]
    [TestCase("HookTimeout", "ten minutes", Span)]
    [TestCase("HookTimeout", "5 weeks", Span)]
    [TestCase("HookTimeout", "1e3s", Span)]
    [TestCase("HookTimeout", "-Infinitys", Span)]
    [TestCase("HookTimeout", "NaNs", Span)]
    [TestCase("HookTimeout", "36:00:00", Span)]
    [TestCase("HookTimeout", "24:00:00", Span)]
    [TestCase("HookTimeout", "99999999999999d", Span)]
    [TestCase("Services:Poller:Nice", "low", WholeNumber + ", or null")]
    [TestCase("Services:Poller:Environment", "A=1", "a section whose values are strings")]
    public void A_value_that_cannot_be_parsed_is_reported_with_key_value_and_format(string key, string? value, string form)
    {
        var shown = value is null ? "null" : $"'{value}'";

        Assert.That(
            _program.With(key, value).Errors(), Is.EqualTo(new[] { $"Cotyledon:{key} is {shown}; it must be {form}." }));
    }

    [TestCase("Services:Poller:Workers", "-1", WorkerRange)]
    [TestCase("Services:Poller:Workers", "10001", WorkerRange)]
    [TestCase("Services:Poller:MaxUnavailable", "0", OneOrMore)]
    [TestCase("Services:Poller:MaxUnavailable", "10001", OneOrMore)]
    [TestCase("Services:Poller:MaxRestarts", "-1", "0 or more, or null (no limit)")]
    [TestCase("MaxConcurrentStarts", "0", OneOrMore)]
    [TestCase("MaxConcurrentStarts", "10001", OneOrMore)]
    [TestCase("SpareWorkers", "-1", "from 0 to 100")]
    [TestCase("SpareWorkers", "101", "from 0 to 100")]
    [TestCase("GracefulShutdownTimeout", "00:00:00", TimeoutRange)]
    [TestCase("GracefulShutdownTimeout", "1.00:00:01", TimeoutRange)]
    [TestCase("HookTimeout", "infinite", PositiveTime)]
    [TestCase("HookTimeout", "00:00:00", PositiveTime)]
    [TestCase("HookTimeout", "1.00:00:01", PositiveTime)]
    [TestCase("Services:Poller:GracefulShutdownTimeout", "00:00:00", TimeoutRange)]
    [TestCase("Services:Poller:GracefulShutdownTimeout", "1.00:00:01", TimeoutRange)]
    [TestCase("Services:Poller:ReadyTimeout", "00:00:00", TimeoutRange)]
    [TestCase("Services:Poller:ReadyTimeout", "1.00:00:01", TimeoutRange)]
    [TestCase("Services:Poller:RestartBackoff", "00:00:00", PositiveTime)]
    [TestCase("Services:Poller:MaxRestartBackoff", "00:00:00.4000000", "from 00:00:00.5000000 to 1.00:00:00")]
    [TestCase("Services:Poller:MaxRestartBackoff", "1.00:00:01", "from 00:00:00.5000000 to 1.00:00:00")]
    [TestCase("Services:Poller:StableAfter", "infinite", TimeRange)]
    [TestCase("Services:Poller:StableAfter", "1.00:00:01", TimeRange)]
    [TestCase("Services:Poller:MaxRestartsWindow", "00:00:00", PositiveTime)]
    [TestCase("Services:Poller:MaxRestartsWindow", "1.00:00:01", PositiveTime)]
    [TestCase("Services:Poller:LivenessTimeout", "00:00:00.5000000", CheckedTime)]
    [TestCase("Services:Poller:LivenessTimeout", "1.00:00:01", CheckedTime)]
    [TestCase("Services:Poller:MaxAge", "00:00:00", "from 00:00:01 to 366.00:00:00, or null (no limit)")]
    [TestCase("Services:Poller:MaxMemory", "1048575", "1048576 or more, or null (no limit)")]
    [TestCase("Services:Poller:Nice", "20", "from -20 to 19")]
    [TestCase("Services:Poller:Nice", "-21", "from -20 to 19")]
    public void A_value_out_of_range_is_reported_with_key_value_and_limits(string key, string value, string limits)
    {
        Assert.That(
            _program.With(key, value).Errors(), Is.EqualTo(new[] { $"Cotyledon:{key} is {value}; it must be {limits}." }));
    }

    [TestCase("Services:Poller:Workers", "0")]
    [TestCase("Services:Poller:Workers", "10000")]
    [TestCase("Services:Poller:MaxUnavailable", "1")]
    [TestCase("Services:Poller:MaxUnavailable", "10000")]
    [TestCase("Services:Poller:MaxRestarts", "2147483647")]
    [TestCase("Services:Poller:MaxRestarts", "0")]
    [TestCase("MaxConcurrentStarts", "1")]
    [TestCase("MaxConcurrentStarts", "10000")]
    [TestCase("GracefulShutdownTimeout", "infinite")]
    [TestCase("GracefulShutdownTimeout", " 30 s ")]
    [TestCase("GracefulShutdownTimeout", "24H")]
    [TestCase("Services:Poller:GracefulShutdownTimeout", null)]
    [TestCase("GracefulShutdownTimeout", "1.00:00:00")]
    [TestCase("HookTimeout", "00:00:00.0000001")]
    [TestCase("HookTimeout", "1.00:00:00")]
    [TestCase("Services:Poller:ReadyTimeout", "Infinite")]
    [TestCase("Services:Poller:ReadyTimeout", "0.5ms")]
    [TestCase("Services:Poller:ReadyTimeout", "1.00:00:00")]
    [TestCase("Services:Poller:RestartBackoff", "00:00:30")]
    [TestCase("Services:Poller:MaxRestartBackoff", "00:00:00.5")]
    [TestCase("Services:Poller:MaxRestartBackoff", "1.00:00:00")]
    [TestCase("Services:Poller:StableAfter", "0s")]
    [TestCase("Services:Poller:MaxRestartsWindow", "00:00:00.0000001")]
    [TestCase("Services:Poller:OnGiveUp", "stophost")]
    [TestCase("Services:Poller:WaitForMarkReady", "TRUE")]
    [TestCase("Services:Poller:LivenessTimeout", "infinite")]
    [TestCase("Services:Poller:LivenessTimeout", null)]
    [TestCase("Services:Poller:LivenessTimeout", "00:00:01")]
    [TestCase("Services:Poller:MaxAge", "366.00:00:00")]
    [TestCase("Services:Poller:MaxMemory", "1M")]
    [TestCase("Services:Poller:Nice", "-20")]
    [TestCase("Services:Poller:Nice", "19")]
    public void A_value_at_its_limit_is_valid(string key, string? value)
    {
        Assert.That(_program.With(key, value).Errors(), Is.Empty);
    }

    [Test]
    public void A_section_instead_of_a_value_is_an_error()
    {
        Assert.That(
            _program.With("Services:Poller:Workers:Min", "1").Errors(),
            Is.EqualTo(new[] { "Cotyledon:Services:Poller:Workers is a section; it must be a whole number." }));
    }

    [Test]
    public void Invalid_values_set_in_code_are_reported_too()
    {
        _program.Services.AddCotyledonWorker<Poller>().Configure(o => o.OnGiveUp = (GiveUpAction)9);

        Assert.That(
            _program.Errors(),
            Is.EqualTo(new[] { "Cotyledon:Services:Poller:OnGiveUp is 9; it must be one of KeepDown, StopHost." }));
    }

    [Test]
    public void All_errors_are_reported_together()
    {
        _program.Services.AddCotyledonWorker<Poller>(name: "one");
        _program.Services.AddCotyledonWorker<Poller>(name: "two");

        var errors = _program
            .With("HookTimeout", "abc")
            .With("GracefulShutdownTimeout", "60")
            .With("Services:one:Workers", "-1")
            .With("Services:one:MaxUnavailable", "0")
            .With("Services:two:OnGiveUp", "Never")
            .With("Services:two:Workers", "x")
            .Errors();

        Assert.That(errors.Select(m => m.Split(' ')[0]), Is.EquivalentTo(new[]
        {
            "Cotyledon:HookTimeout", "Cotyledon:GracefulShutdownTimeout", "Cotyledon:Services:one:Workers",
            "Cotyledon:Services:one:MaxUnavailable", "Cotyledon:Services:two:OnGiveUp", "Cotyledon:Services:two:Workers",
        }));
    }

    [Test]
    public void A_parse_error_does_not_hide_a_value_out_of_range()
    {
        var errors = _program.With("Services:Poller:Workers", "abc").With("Services:Poller:MaxUnavailable", "0").Errors();

        Assert.That(errors.Select(m => m.Split(' ')[0]), Is.EquivalentTo(new[]
        {
            "Cotyledon:Services:Poller:Workers", "Cotyledon:Services:Poller:MaxUnavailable",
        }));
    }

    [TestCase("abc")]
    [TestCase("-1")]
    public void The_error_names_the_file_of_the_value(string value)
    {
        var file = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{TestContext.CurrentContext.Test.ID}.json");
        File.WriteAllText(file, $$"""{ "Cotyledon": { "Services": { "Poller": { "Workers": "{{value}}" } } } }""");
        try
        {
            var services = new ServiceCollection();
            services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddJsonFile(file).Build());

            Assert.That(
                () => Program.SettingsOf(services).Read(),
                Throws.TypeOf<OptionsValidationException>().With.Message.Contains($" in {Path.GetFileName(file)};"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [TestCase("null", null)]
    [TestCase("{}", null)]
    [TestCase("[]", "''")]
    [TestCase("true", "'True'")]
    public void JSON_that_is_not_a_number_is_reported(string json, string? shown)
    {
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(
            $$"""{ "Cotyledon": { "Services": { "Poller": { "Workers": {{json}} } } } }"""));
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddJsonStream(stream).Build());

        Assert.That(
            () => Program.SettingsOf(services).Read(),
            Throws.TypeOf<OptionsValidationException>().With.Message.Contains($"Workers is {shown ?? "null"}; it must be"));
    }

    [TestCase("A=B", "set with the variable name 'A=B'; it must be set with names that are not empty and have no '=' and no null character.")]
    [TestCase("", "set with the variable name ''; it must be set with names that are not empty and have no '=' and no null character.")]
    [TestCase("COTYLEDON_CHANNEL", "set with the variable name COTYLEDON_CHANNEL; it must be set without this variable, which Cotyledon.Hosting reserves.")]
    public void An_environment_variable_with_an_invalid_name_is_rejected(string name, string error)
    {
        _program.Services.AddCotyledonWorker<Poller>().Configure(options => options.Environment[name] = "1");

        Assert.That(_program.Errors(), Is.EqualTo(new[] { $"Cotyledon:Services:Poller:Environment is {error}" }));
    }
}
