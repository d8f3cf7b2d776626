using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Cotyledon.Hosting.DocumentationTests;

/// <summary>Compiles what a document shows as the <c>Program.cs</c> of a program that has all packages.</summary>
internal static class Compiler
{
    /// <summary>The implicit usings of a worker and of a web program.</summary>
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Net.Http.Json;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.AspNetCore.Hosting;
        global using Microsoft.AspNetCore.Http;
        global using Microsoft.AspNetCore.Routing;
        global using Microsoft.Extensions.Configuration;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting;
        global using Microsoft.Extensions.Logging;
        """;

    /// <summary>What documents name without showing it, unless they do.</summary>
    private static readonly Dictionary<string, string> Stage = new()
    {
        ["Poller"] = "class Poller : BackgroundService { protected override Task ExecuteAsync(CancellationToken ct) => Task.CompletedTask; }",
        ["Billing"] = "class Billing : BackgroundService { protected override Task ExecuteAsync(CancellationToken ct) => Task.CompletedTask; }",
        ["CacheWarmer"] = "class CacheWarmer : BackgroundService { protected override Task ExecuteAsync(CancellationToken ct) => Task.CompletedTask; }",
        ["Migrations"] = "class Migrations { public Task RunAsync() => Task.CompletedTask; }",
        ["Sample"] = "record Sample(string Meter, double Value);",
        ["SampleContext"] = """
            class SampleContext { public static SampleContext Default { get; } = new();
                public System.Text.Json.Serialization.Metadata.JsonTypeInfo<Sample> Sample => throw new NotSupportedException(); }
            """,
    };

    private static readonly CSharpParseOptions Parsing = new(LanguageVersion.Latest);

    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    public static IReadOnlyList<Diagnostic> Compile(string text)
    {
        var program = CSharpSyntaxTree.ParseText(WithBuilder(text), Parsing, "Program.cs");
        var declared = program.GetRoot().DescendantNodes().OfType<BaseTypeDeclarationSyntax>().Select(t => t.Identifier.Text).ToHashSet();
        var stage = Stage.Where(s => !declared.Contains(s.Key)).Select(s => s.Value);
        var hasStatements = program.GetRoot().DescendantNodes().OfType<GlobalStatementSyntax>().Any();
        var compilation = CSharpCompilation.Create(
            "Documented",
            [program, CSharpSyntaxTree.ParseText(Usings, Parsing), CSharpSyntaxTree.ParseText(string.Join('\n', stage), Parsing)],
            References,
            new CSharpCompilationOptions(
                hasStatements ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
                nullableContextOptions: NullableContextOptions.Enable));
        return compilation.GetDiagnostics();
    }

    /// <summary>Most blocks show only lines that use the builder, or only lines that use the application.</summary>
    private static string WithBuilder(string text)
    {
        var hasBuilder = text.Contains("builder.", StringComparison.Ordinal);
        var hasApp = text.Contains("app.", StringComparison.Ordinal);
        if ((!hasBuilder && !hasApp) || text.Contains("var builder", StringComparison.Ordinal))
        {
            return text;
        }

        var isWeb = hasApp || text.Contains("AddCotyledonWeb(", StringComparison.Ordinal) || text.Contains("builder.WebHost", StringComparison.Ordinal);
        var lines = text.Split('\n').ToList();
        var firstStatement = lines.FindLastIndex(l => l.StartsWith("using ", StringComparison.Ordinal) && !l.Contains('(', StringComparison.Ordinal)) + 1;
        lines.Insert(firstStatement, isWeb ? "var builder = WebApplication.CreateBuilder(args);" : "var builder = Host.CreateApplicationBuilder(args);");
        if (hasApp && !hasBuilder)
        {
            lines.Insert(firstStatement + 1, "var app = builder.Build();");
        }

        return string.Join('\n', lines);
    }
}
