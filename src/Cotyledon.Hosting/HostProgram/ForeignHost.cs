using System.Reflection;

namespace Cotyledon.Hosting.HostProgram;

/// <summary>What kind of program has loaded the application.</summary>
internal enum HostProgramKind
{
    /// <summary>The application itself: it can be started again as a worker.</summary>
    Application,

    /// <summary>A test host, or a program in another language: starting it again would start no worker.</summary>
    TestHost,

    /// <summary>A tool that builds the host to look at it, and wants nothing to run.</summary>
    DesignTimeTool,
}

/// <summary>Recognizes processes that load the application without being it.</summary>
internal static class ForeignHost
{
    private static readonly HashSet<string> DesignTimeTools = new(StringComparer.OrdinalIgnoreCase)
    {
        "ef", "dotnet-ef", "GetDocument.Insider", "dotnet-getdocument", "dotnet-aspnet-codegenerator", "dotnet-swagger",
        "dotnet-nswag", "NSwag.AspNetCore.Launcher",
    };

    private static readonly HashSet<string> TestHosts = new(StringComparer.OrdinalIgnoreCase)
    {
        "testhost", "testhost.x86", "testhost.arm64", "vstest.console", "ReSharperTestRunner", "ReSharperTestRunner64",
        "JetBrains.ReSharper.TestRunner", "nunit-agent", "nunit3-console", "xunit.console", "LINQPad", "LINQPad.Query",
    };

    /// <summary>
    /// What is loaded in processes that run tests, whatever they are called: with Microsoft.Testing.Platform a project of tests is a
    /// program of its own.
    /// </summary>
    private static readonly HashSet<string> TestAssemblies = new(StringComparer.OrdinalIgnoreCase)
    {
        "Microsoft.Testing.Platform", "Microsoft.TestPlatform.CoreUtilities", "Microsoft.AspNetCore.Mvc.Testing",
        "Microsoft.AspNetCore.TestHost", "nunit.framework", "nunitlite", "xunit.core", "xunit.v3.core", "TUnit.Core",
        "Microsoft.VisualStudio.TestPlatform.TestFramework",
    };

    /// <summary>The name of the program that runs.</summary>
    public static string Name => Assembly.GetEntryAssembly()?.GetName().Name ?? "native code";

    /// <summary>What kind of program runs. Looks at what is loaded so far.</summary>
    public static HostProgramKind Kind => KindOf(
        Assembly.GetEntryAssembly()?.GetName().Name,
        AppDomain.CurrentDomain.GetAssemblies().Select(a => a.GetName().Name ?? ""));

    public static HostProgramKind KindOf(string? program, IEnumerable<string> loaded) => program switch
    {
        null => HostProgramKind.TestHost,
        _ when DesignTimeTools.Contains(program) => HostProgramKind.DesignTimeTool,
        _ when TestHosts.Contains(program) || loaded.Any(TestAssemblies.Contains) => HostProgramKind.TestHost,
        _ => HostProgramKind.Application,
    };
}
