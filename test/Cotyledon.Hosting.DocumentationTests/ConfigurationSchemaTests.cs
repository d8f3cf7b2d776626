using System.Text.Json;
using System.Text.Json.Nodes;
using Cotyledon.Hosting.Queues;
using Cotyledon.Hosting.Web;
using Json.Schema;

namespace Cotyledon.Hosting.DocumentationTests;

/// <summary>The schema in the package is that of the options, and accepts and refuses what the program does.</summary>
internal sealed class ConfigurationSchemaTests
{
    private const string Update = "COTYLEDON_UPDATE_SCHEMA";

    private static readonly JsonDocumentOptions WithComments = new() { CommentHandling = JsonCommentHandling.Skip };

    private static readonly Lazy<JsonSchema> Schema = new(() => JsonSchema.FromText(ConfigurationSchema.Generate()));

    public static IEnumerable<TestCaseData> LimitCases =>
        from pair in ConfigurationSchema.Limits
        let limits = pair.Value
        let name = pair.Key.Split('.')
        from item in new (long Value, bool IsGood)?[]
        {
            (limits.Min, true), (limits.Min - 1, false), limits.Max is { } max ? (max, true) : null, limits.Max is { } most ? (most + 1, false) : null,
        }
        where item is not null
        select new TestCaseData(name[0], name[1], item.Value.Value, item.Value.IsGood);

    [Test]
    public void The_schema_is_generated_from_the_options()
    {
        var file = Path.Combine(Repository.Directory, ConfigurationSchema.File);
        if (Environment.GetEnvironmentVariable(Update) is not null)
        {
            File.WriteAllText(file, ConfigurationSchema.Generate());
        }

        Assert.That(
            File.ReadAllText(file).ReplaceLineEndings("\n"),
            Is.EqualTo(ConfigurationSchema.Generate()),
            $"The options have changed. Run this test with {Update}=1 to write {ConfigurationSchema.File}.");
    }

    [TestCaseSource(nameof(LimitCases))]
    public void Limits_are_those_of_validation(string options, string key, long value, bool isGood)
    {
        var json = Settings(options, key, JsonValue.Create(value));
        Assert.That(IsValid(json), Is.EqualTo(isGood));
        if (options is not (nameof(CotyledonQueueOptions) or nameof(CotyledonWebOptions)))
        {
            Assert.That(SettingsReader.Read(json).Errors, isGood ? Is.Empty : Has.Count.EqualTo(1));
        }
    }

    [TestCase("CotyledonOptions", "GracefulShutdownTimeout", "\"00:01:00\"", true)]
    [TestCase("CotyledonOptions", "GracefulShutdownTimeout", "\"1.00:00:00\"", true)]
    [TestCase("CotyledonOptions", "GracefulShutdownTimeout", "\"0:1:30.5\"", true)]
    [TestCase("CotyledonOptions", "GracefulShutdownTimeout", "\"90s\"", true)]
    [TestCase("CotyledonOptions", "GracefulShutdownTimeout", "\"1.5 M\"", true)]
    [TestCase("CotyledonOptions", "GracefulShutdownTimeout", "\"250ms\"", true)]
    [TestCase("CotyledonOptions", "GracefulShutdownTimeout", "\"Infinite\"", true)]
    [TestCase("CotyledonOptions", "GracefulShutdownTimeout", "\"-1s\"", false)]
    [TestCase("CotyledonOptions", "GracefulShutdownTimeout", "\"1w\"", false)]
    [TestCase("CotyledonOptions", "GracefulShutdownTimeout", "\"s\"", false)]
    [TestCase("CotyledonOptions", "GracefulShutdownTimeout", "0", false)]
    [TestCase("CotyledonWorkerOptions", "LivenessTimeout", "null", true)]
    [TestCase("CotyledonWorkerOptions", "LivenessTimeout", "\"1m\"", true)]
    [TestCase("CotyledonQueueOptions", "Capacity", "null", true)]
    [TestCase("CotyledonOptions", "GracefulShutdownTimeout", "60", false)]
    [TestCase("CotyledonOptions", "GracefulShutdownTimeout", "\"60\"", false)]
    [TestCase("CotyledonOptions", "GracefulShutdownTimeout", "\"1 minute\"", false)]
    [TestCase("CotyledonOptions", "GracefulShutdownTimeout", "null", false)]
    [TestCase("CotyledonWorkerOptions", "GracefulShutdownTimeout", "null", true)]
    [TestCase("CotyledonOptions", "Mode", "\"InProcess\"", true)]
    [TestCase("CotyledonOptions", "Mode", "\"Threads\"", false)]
    [TestCase("CotyledonOptions", "LogOptions", "false", true)]
    [TestCase("CotyledonOptions", "LogOptions", "\"maybe\"", false)]
    [TestCase("CotyledonOptions", "MaxConcurrentStarts", "null", true)]
    [TestCase("CotyledonOptions", "SecretKeys", "[\"pin\"]", true)]
    [TestCase("CotyledonOptions", "SecretKeys", "\"pin\"", false)]
    [TestCase("CotyledonWorkerOptions", "Workers", "\"many\"", false)]
    [TestCase("CotyledonWorkerOptions", "Workers", "null", false)]
    [TestCase("CotyledonWorkerOptions", "MaxMemory", "\"800M\"", true)]
    [TestCase("CotyledonWorkerOptions", "MaxMemory", "\"2 GiB\"", true)]
    [TestCase("CotyledonWorkerOptions", "MaxMemory", "\"2 gallons\"", false)]
    [TestCase("CotyledonWorkerOptions", "Environment", "{ \"A\": \"b\", \"C\": null }", true)]
    [TestCase("CotyledonWorkerOptions", "Environment", "\"A=b\"", false)]
    public void The_schema_accepts_what_the_program_accepts(string options, string key, string value, bool isGood)
    {
        var json = Settings(options, key, JsonNode.Parse(value));
        Assert.That(SettingsReader.Read(json).Errors, isGood ? Is.Empty : Is.Not.Empty);
        Assert.That(IsValid(json), Is.EqualTo(isGood));
    }

    [TestCase("CotyledonOptions")]
    [TestCase("CotyledonWorkerOptions")]
    [TestCase("CotyledonQueueOptions")]
    public void A_key_that_the_program_warns_of_is_refused(string options)
    {
        var json = Settings(options, "Wrokers", 1);
        Assert.That(SettingsReader.Read(json).Warnings, Has.Count.EqualTo(1));
        Assert.That(IsValid(json), Is.False);
    }

    [Test]
    public void All_settings_in_the_documents_are_valid()
    {
        var settings = Repository.Documents.SelectMany(CodeBlock.In)
            .Where(b => b.Language is "json" or "jsonc" && b.Text.Contains("\"Cotyledon\"", StringComparison.Ordinal))
            .ToList();
        Assert.That(settings, Has.Count.GreaterThan(3));
        Assert.That(settings.Where(b => !IsValid(b.Text)).Select(b => b.Text), Is.Empty);
    }

    private static string Settings(string options, string key, JsonNode? value)
    {
        var section = new JsonObject { [key] = value };
        return new JsonObject
        {
            ["Cotyledon"] = options switch
            {
                nameof(CotyledonWorkerOptions) => new JsonObject { ["Services"] = new JsonObject { ["Poller"] = section } },
                nameof(CotyledonWebOptions) => new JsonObject { ["Web"] = section },
                nameof(CotyledonQueueOptions) => new JsonObject { ["Queues"] = new JsonObject { ["samples"] = section } },
                _ => section,
            },
        }.ToJsonString();
    }

    private static bool IsValid(string json) => Schema.Value.Evaluate(JsonDocument.Parse(json, WithComments).RootElement).IsValid;
}
