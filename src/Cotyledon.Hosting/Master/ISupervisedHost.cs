using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Master;

/// <summary>The host that the supervisor runs in, as the supervisor's commands need it.</summary>
internal interface ISupervisedHost
{
    /// <summary>All services have had their workers ready. The program is ready when the rest of the host has started too.</summary>
    void AnnounceReady();

    /// <summary>The stop has begun, requested from outside or by the supervisor itself (a service was given up).</summary>
    void AnnounceStopping();

    /// <summary>Sends a notice to the service manager.</summary>
    void Announce(Notice notice);

    /// <summary>The supervisor has ended.</summary>
    /// <param name="exitCode">The exit code of the program.</param>
    /// <param name="fast">Whether the process ends at once.</param>
    void Finish(int exitCode, bool fast);
}
