using Cotyledon.Hosting.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary>Candidates that cannot be loaded, or whose validation throws or hangs.</summary>
internal sealed class ConfigurationCandidateTests
{
    private readonly string _directory = Directory.CreateTempSubdirectory("cotyledon-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void Every_source_is_loaded_and_every_error_is_reported_with_file_and_position()
    {
        Write("a.json", "{}");
        Write("b.xml", "<c/>");
        Write("c.ini", "Key=1\n");
        Write("d.json", """{ "Last": 1 }""");
        var configuration = TakenOver.From(new ConfigurationBuilder()
            .SetBasePath(_directory).AddJsonFile("a.json").AddXmlFile("b.xml").AddIniFile("c.ini").AddJsonFile("d.json").Build());
        Write("a.json", "{\n  \"A\": tru\n}");
        Write("b.xml", "<c>\n  <A></B>\n</c>");
        Write("c.ini", "A=1\nPassword hush\n");
        Write("d.json", """{ "Last": 2 }""");

        var candidate = configuration.Load(loadsAll: true);

        Assert.That(candidate.Errors, Has.Count.EqualTo(3));
        Assert.That(candidate.Errors[0], Does.StartWith("a.json cannot be loaded (line 2, position "));
        Assert.That(candidate.Errors[1], Does.StartWith("b.xml cannot be loaded (line 2, position "));
        Assert.That(candidate.Errors[2], Is.EqualTo("c.ini cannot be loaded (line 2): the line is not a comment, a section or key=value."));
        Assert.That(candidate.Values[3].All["Last"], Is.EqualTo("2"), "later sources are loaded nevertheless");
        Assert.That(configuration.Root!["Last"], Is.EqualTo("1"));
    }

    [Test]
    public async Task A_file_that_cannot_be_loaded_is_reported_instead_of_validation_errors()
    {
        Write("a.json", """{ "Number": 1 }""");
        var evaluator = Create(new ConfigurationBuilder().SetBasePath(_directory).AddJsonFile("a.json").Build(), n => n > 0, out var configuration);
        Write("a.json", """{ "Number": 1""");

        var errors = (await evaluator.EvaluateAsync(loadsAll: true, configuration.Snapshot())).Errors;

        Assert.That(errors.Single(), Does.StartWith("a.json cannot be loaded"));
    }

    [Test]
    public async Task An_exception_of_a_validator_is_reported_as_an_error()
    {
        var source = new Source { Values = new() { ["Number"] = "1" } };
        var evaluator = Create(source.ToConfiguration(), n => n == 1 ? true : throw new NotSupportedException("as scripted"), out var configuration);
        source.Values["Number"] = "2";
        Assert.That((await evaluator.EvaluateAsync(true, configuration.Snapshot())).Errors.Single(), Does.Contain("as scripted"));
        source.Values["Number"] = "not a number";
        Assert.That((await evaluator.EvaluateAsync(true, configuration.Snapshot())).Errors.Single(), Does.Contain("not a number"));
        source.Values["Number"] = "1";
        Assert.That((await evaluator.EvaluateAsync(true, configuration.Snapshot())).Errors, Is.Empty);
    }

    [Test]
    public async Task A_hanging_provider_is_an_error_and_is_not_called_again_before_it_returns()
    {
        using var released = new ManualResetEventSlim();
        var source = new Source { Values = new() { ["Number"] = "1" } };
        var clock = new FakeTimeProvider();
        var evaluator = Create(source.ToConfiguration(), n => n > 0, out var configuration, clock);
        var loads = source.Loads;
        source.OnLoad = released.Wait;
        var hanging = evaluator.EvaluateAsync(true, configuration.Snapshot());
        while (source.Loads == loads)
        {
            await Task.Yield();
        }

        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.That((await hanging).Errors.Single(), Does.Contain("hangs"));
        Assert.That((await evaluator.EvaluateAsync(true, configuration.Snapshot())).Errors.Single(), Does.Contain("has not returned from the previous"));
        Assert.That(source.Loads, Is.EqualTo(loads + 1));

        released.Set();
        while ((await evaluator.EvaluateAsync(true, configuration.Snapshot())).Errors.Count > 0)
        {
            await Task.Yield();
        }
    }

    [Test]
    public void A_configuration_that_is_too_large_for_workers_is_rejected()
    {
        var source = new Source { Values = new() { ["Key"] = "1" } };
        var configuration = TakenOver.From(source.ToConfiguration());
        source.Values["Key"] = new string('x', ConfigurationCodec.MaxSize);

        Assert.That(
            () => configuration.ImageOf(configuration.Load(loadsAll: true)),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("larger than 64 MiB"));
    }

    [Test]
    public async Task Options_first_read_by_a_validator_do_not_keep_values_of_the_candidate()
    {
        var source = new Source { Values = new() { ["Number"] = "1" } };
        IOptions<Others>? others = null;
        var evaluator = Create(source.ToConfiguration(), n => n == 1 || others!.Value.Number == 1, out var configuration, configure: services =>
            others = services.GetRequiredService<IOptions<Others>>());
        source.Values["Number"] = "2";

        Assert.That((await evaluator.EvaluateAsync(true, configuration.Snapshot())).Errors, Has.Count.EqualTo(1));
        Assert.That(others!.Value.Number, Is.EqualTo(1));
    }

    private ConfigurationEvaluator Create(
        IConfigurationRoot root, Func<int, bool> isValid, out MasterConfiguration configuration, TimeProvider? clock = null,
        Action<IServiceProvider>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(root);
        services.AddCotyledonWorker<Program.Poller>();
        services.AddOptions<Others>().Configure(o => o.Number = int.TryParse(root["Number"], out var n) ? n : 0);
        services.AddOptions<Limits>()
            .Configure(o => o.Number = int.TryParse(root["Number"], out var n) ? n : throw new FormatException($"{root["Number"]} is wrong"))
            .Validate(o => isValid(o.Number), "The number is not valid.")
            .ValidateOnStart();
        var provider = services.BuildServiceProvider();
        configure?.Invoke(provider);
        var settings = provider.GetRequiredService<MasterSettings>();
        (configuration = settings.Configuration).TakeOver();
        settings.Read();
        return new ConfigurationEvaluator(settings, clock ?? TimeProvider.System);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_directory, name), text);

    private sealed class Others
    {
        public int Number { get; set; }
    }

    private sealed class Limits
    {
        public int Number { get; set; }
    }
}
