using System.Reflection;

namespace Cotyledon.Hosting.Processes;

/// <summary>Recognizes processes that load the application without being it: starting those again would start no worker.</summary>
internal static class ForeignHost
{
    private static readonly HashSet<string> KnownTools = new(StringComparer.OrdinalIgnoreCase)
    {
        "testhost", "testhost.x86", "vstest.console", "ReSharperTestRunner", "ReSharperTestRunner64", "JetBrains.ReSharper.TestRunner",
        "ef", "dotnet-ef", "GetDocument.Insider", "dotnet-getdocument", "dotnet-aspnet-codegenerator", "LINQPad",
    };

    /// <summary>Its name, or <see langword="null"/> in the application's own process.</summary>
    public static string? Name =>
        Assembly.GetEntryAssembly()?.GetName().Name is { } name ? (KnownTools.Contains(name) ? name : null) : "native code";
}
