using System.Reflection;

namespace Cotyledon.Hosting.HostProgram;

/// <summary>The kind of program that has loaded the application.</summary>
internal enum HostProgramKind
{
    /// <summary>The application itself, which can be started again as a worker.</summary>
    Application,

    /// <summary>A test host, or a program in another language, which would not be a worker if it were started again.</summary>
    TestHost,

    /// <summary>A tool that builds the host to inspect it. Nothing must run.</summary>
    DesignTimeTool,
}

/// <summary>Detects programs that load the application as a library.</summary>
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
    /// Assemblies that only test processes load. The name of the program is not enough, because with Microsoft.Testing.Platform a test
    /// project is itself the program.
    /// </summary>
    private static readonly HashSet<string> TestAssemblies = new(StringComparer.OrdinalIgnoreCase)
    {
        "Microsoft.Testing.Platform", "Microsoft.TestPlatform.CoreUtilities", "Microsoft.AspNetCore.Mvc.Testing",
        "Microsoft.AspNetCore.TestHost", "nunit.framework", "nunitlite", "xunit.core", "xunit.v3.core", "TUnit.Core",
        "Microsoft.VisualStudio.TestPlatform.TestFramework",
    };

    public static string Name => Assembly.GetEntryAssembly()?.GetName().Name ?? "native code";

    /// <summary>The kind of the running program, detected from the assemblies that are loaded so far. Slow: it lists them all.</summary>
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
