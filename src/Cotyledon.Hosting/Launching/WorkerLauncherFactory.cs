using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Launching;

/// <summary>Creates the launcher of this operating system.</summary>
internal static class WorkerLauncherFactory
{
    /// <summary>Creates the launcher.</summary>
    /// <param name="environment">The environment of the host, which workers use too.</param>
    /// <param name="sideChannels">The side channels of the master.</param>
    /// <param name="hasCluster">Whether workers may have a lease.</param>
    /// <param name="configuration">Returns the accepted configuration, which is sent to workers.</param>
    /// <param name="report">Receives the messages about workers.</param>
    public static IWorkerLauncher Create(
        IHostEnvironment environment,
        IEnumerable<ISideChannel> sideChannels,
        bool hasCluster,
        Func<ConfigurationImage> configuration,
        Action<SupervisorMessage> report)
    {
        var command = ProgramCommand.OfThisProcess;
        var variables = WorkerEnvironment.For(environment);
        var lease = hasCluster ? SharedLease.Create() : null;
        return OperatingSystem.IsWindows()
            ? new WindowsLauncher(command, variables, [.. sideChannels], lease, configuration, report)
            : new UnixLauncher(command, variables, [.. sideChannels], lease, configuration, report);
    }
}
