using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using System.ServiceProcess;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.HostProgram;

/// <summary>
/// Tells the exit code to Windows where the program runs as its service. The service control manager takes what a service says when
/// it has stopped, which is 0 whatever the process exits with afterwards: the lifetime of <c>AddWindowsService</c> leaves it so.
/// </summary>
internal static class WindowsServiceExit
{
    /// <summary>What runs the host: of <c>AddWindowsService</c>, or any other.</summary>
    public static IHostLifetime? Lifetime { get; set; }

    [SupportedOSPlatform("windows")]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Report(int exitCode)
    {
        if (Lifetime is ServiceBase service)
        {
            service.ExitCode = exitCode;
        }
    }
}
