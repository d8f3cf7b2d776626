using System.Text.Json;
using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Queues;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.DocumentationTests;

/// <summary>The references in the READMEs of the packages contain all settings, with their defaults.</summary>
internal sealed class ConfigurationReferenceTests
{
    private static readonly JsonDocumentOptions WithComments = new() { CommentHandling = JsonCommentHandling.Skip };

    private static string Reference => Block("src/Cotyledon.Hosting/README.md", "\"Services\"");

    private static string QueueReference => Block("src/Cotyledon.Hosting.Queues/README.md", "\"Queues\"");

    [Test]
    public void Every_option_stands_in_the_reference()
    {
        var all = Keys(Section(Reference)).Except(["Services"]);
        var control = Keys(Section(Reference).GetProperty("Control"));
        var service = Keys(Section(Reference).GetProperty("Services").GetProperty("Poller"));
        var queue = Keys(Section(QueueReference).GetProperty("Queues").GetProperty("samples"));

        Assert.That(all, Is.EquivalentTo(typeof(CotyledonOptions).GetProperties().Select(p => p.Name)));
        Assert.That(control, Is.EquivalentTo(typeof(CotyledonControlOptions).GetProperties().Select(p => p.Name)));
        Assert.That(service, Is.EquivalentTo(typeof(CotyledonWorkerOptions).GetProperties().Select(p => p.Name)));
        Assert.That(queue, Is.EquivalentTo(typeof(CotyledonQueueOptions).GetProperties().Select(p => p.Name)));
    }

    [Test]
    public void The_values_in_the_reference_are_the_defaults()
    {
        using var documented = SettingsReader.Host(Reference.Replace("\"Workers\": 4", "\"Workers\": 1", StringComparison.Ordinal));
        using var plain = SettingsReader.Host("{}");
        var (of, without) = (Read(documented), Read(plain));

        Assert.That(of.Supervisor, Is.EqualTo(without.Supervisor));
        Assert.That((of.ReloadOnChange, of.LogOptions), Is.EqualTo((without.ReloadOnChange, without.LogOptions)));
        Assert.That(of.Control, Is.EqualTo(without.Control));
        Assert.That(of.Services, Is.EqualTo(without.Services));
    }

    [Test]
    public void The_values_of_a_queue_in_the_reference_are_the_defaults()
    {
        using var documented = SettingsReader.Host(QueueReference);
        using var plain = SettingsReader.Host("{}");

        Assert.That(Values(documented), Is.EqualTo(Values(plain)));
    }

    private static IEnumerable<string?> Values(Microsoft.Extensions.Hosting.IHost host)
    {
        var options = host.Services.GetRequiredService<IOptionsMonitor<CotyledonQueueOptions>>().Get("samples");
        return typeof(CotyledonQueueOptions).GetProperties().Select(p => $"{p.Name} = {p.GetValue(options)}");
    }

    private static EffectiveSettings Read(Microsoft.Extensions.Hosting.IHost host) => host.Services.GetRequiredService<MasterSettings>().Read();

    private static string Block(string document, string text) => CodeBlock.In(document)
        .First(b => b.Language == "jsonc" && b.Text.Contains(text, StringComparison.Ordinal)).Text;

    private static JsonElement Section(string block) => JsonDocument.Parse(block, WithComments).RootElement.GetProperty("Cotyledon");

    private static IEnumerable<string> Keys(JsonElement section) => section.EnumerateObject().Select(p => p.Name);
}
