using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Master;

/// <summary>The operations of the host that the commands of the supervisor need.</summary>
internal interface ISupervisedHost
{
    /// <summary>
    /// Announces that the program is ready, once the host has started. Called when each worker has become ready or was given up.
    /// </summary>
    void AnnounceReady();

    /// <summary>
    /// Announces the stop and stops the host. The stop was requested, or the supervisor has begun it because a service was given up.
    /// </summary>
    void AnnounceStopping();

    void Announce(Notice notice);

    /// <summary>Sets the exit code when the supervisor has ended.</summary>
    /// <param name="exitCode">The exit code of the program.</param>
    /// <param name="endsProcess">Whether to end the process at once.</param>
    void Finish(int exitCode, bool endsProcess);
}
