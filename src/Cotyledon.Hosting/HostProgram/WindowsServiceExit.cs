using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using System.ServiceProcess;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.HostProgram;

/// <summary>
/// Reports the exit code of a Windows service. The service control manager uses the code that a service reports when it stops, not the exit
/// code of the process, and the lifetime of <c>AddWindowsService</c> reports 0 if its exit code is not set.
/// </summary>
internal static class WindowsServiceExit
{
    /// <summary>Gets or sets the lifetime of the host, from <c>AddWindowsService</c> or any other.</summary>
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
