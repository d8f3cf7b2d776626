using System.Reflection;
using System.Xml.Linq;
using Cotyledon.Hosting.AspNetCore;
using Cotyledon.Hosting.Cluster.Nats;
using Cotyledon.Hosting.Cluster.Postgres;
using Cotyledon.Hosting.Queues;
using Cotyledon.Hosting.Serilog;
using Cotyledon.Hosting.Testing;
using Cotyledon.Hosting.Web;
using Microsoft.CodeAnalysis;

namespace Cotyledon.Hosting.DocumentationTests;

/// <summary>The samples in the XML documentation of public members compile, and show all options.</summary>
internal sealed class XmlSampleTests
{
    private const string Usings = """
        using Cotyledon.Hosting;
        using Cotyledon.Hosting.Queues;
        using Cotyledon.Hosting.Serilog;
        using Cotyledon.Hosting.Testing;
        using Cotyledon.Hosting.Web;
        using NUnit.Framework;
        using Serilog;

        """;

    private static readonly Type[] Options =
    [
        typeof(CotyledonOptions), typeof(CotyledonWorkerOptions), typeof(CotyledonQueueOptions), typeof(CotyledonSerilogOptions), typeof(CotyledonWebOptions),
        typeof(CotyledonPageOptions), typeof(CotyledonNatsClusterOptions), typeof(CotyledonPostgresClusterOptions), typeof(TestWorkerOptions),
    ];

    private static IEnumerable<TestCaseData> Samples =>
        from assembly in Options.Select(type => type.Assembly).Distinct()
        from member in MembersOf(assembly)
        where IsPublic(assembly, (string)member.Attribute("name")!)
        from code in member.Descendants("code")
        select new TestCaseData(code.Value).SetArgDisplayNames((string)member.Attribute("name")!);

    [TestCaseSource(nameof(Samples))]
    public void A_sample_compiles(string code)
    {
        var isProgram = code.Contains("builder.", StringComparison.Ordinal) || code.Contains("app.", StringComparison.Ordinal)
            || code.Contains("class ", StringComparison.Ordinal);
        var errors = Compiler.Compile(Usings + (isProgram ? code : InClass(code)))
            .Where(d => d.Severity == DiagnosticSeverity.Error)
            .Select(d => d.ToString());

        Assert.That(errors, Is.Empty);
    }

    [TestCaseSource(nameof(Options))]
    public void The_sample_of_options_shows_each_option(Type options)
    {
        var sample = MembersOf(options.Assembly).Single(m => (string)m.Attribute("name")! == $"T:{options.FullName}").Element("example")!.Value;
        var shown = options.GetProperties().Where(p => p.Name != nameof(TestWorkerOptions.Arguments)).Select(p => p.Name);

        Assert.That(shown.Where(name => !sample.Contains($"options.{name}", StringComparison.Ordinal)), Is.Empty);
    }

    [TestCase("M:Cotyledon.Hosting.ICotyledonHooks.OnNewWorkerAsync", typeof(CotyledonHost))]
    [TestCase("M:Cotyledon.Hosting.ICotyledonManager.WatchAsync", typeof(CotyledonHost))]
    [TestCase("M:Cotyledon.Hosting.ICotyledonManager.ReloadAsync", typeof(CotyledonHost))]
    [TestCase("T:Cotyledon.Hosting.ReloadResult", typeof(CotyledonHost))]
    public void A_member_that_is_hard_to_use_has_a_sample(string name, Type type) => Assert.That(
        MembersOf(type.Assembly).Where(m => ((string)m.Attribute("name")!).StartsWith(name, StringComparison.Ordinal)).Descendants("code"),
        Is.Not.Empty);

    private static IEnumerable<XElement> MembersOf(Assembly assembly) =>
        XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member");

    private static bool IsPublic(Assembly assembly, string member)
    {
        var name = member[2..].Split('(')[0];
        return assembly.GetExportedTypes().Any(t => name == t.FullName || name.StartsWith($"{t.FullName}.", StringComparison.Ordinal));
    }

    /// <summary>Members stand in a class, statements in a method.</summary>
    private static string InClass(string code) => $$"""
        static class Samples
        {
            static void Migrate() { }

            static Task StoreAsync(Sample sample) => Task.CompletedTask;

            static async Task RunAsync(
                ICotyledonManager manager, ICotyledonQueue<Sample> queue, Microsoft.Extensions.Logging.ILogger logger, string meter, double value,
                CancellationToken cancellationToken, CancellationToken stoppingToken)
            {
                {{(IsMember(code) ? "" : code)}}
                await Task.CompletedTask;
            }
        }

        class Member(Microsoft.Extensions.Logging.ILogger<Member> logger)
        {
            {{(IsMember(code) ? code : "")}}
        }
        """;

    private static bool IsMember(string code) => code.TrimStart().StartsWith("public ", StringComparison.Ordinal);
}
