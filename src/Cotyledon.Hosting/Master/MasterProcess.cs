using Cotyledon.Hosting.HostProgram;
using Cotyledon.Hosting.Processes;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Master;

/// <summary>
/// Manages the title, the signals and the exit code of the master's process, except in a test host or a tool, which owns them itself. With
/// in-process workers, several hosts can share one process; the first host then holds them.
/// </summary>
internal sealed class MasterProcess
{
    private readonly ProcessReservation _reservation = ProcessReservation.OfThisProcess;

    /// <summary>Whether another host of this process holds them, and the connection to the service manager.</summary>
    public bool IsGuest { get; private set; }

    public bool IsHolder => _reservation.IsHeldBy(this);

    /// <summary>Reserves the process for this host. Called before any part of the host starts.</summary>
    /// <exception cref="InvalidOperationException">Another host of this process has workers.</exception>
    public void Reserve(bool isInProcess)
    {
        IsGuest = ForeignHost.Kind == HostProgramKind.Application && !_reservation.TryTake(this);
        if (IsGuest && !isInProcess)
        {
            throw new InvalidOperationException(
                "Another host in this process already supervises workers; its signals, exit code and worker processes cannot be shared. "
                + "Register all services with one host, or stop and dispose the other host first. In tests, set Cotyledon:Mode to InProcess "
                + "or use TestWorker of Cotyledon.Hosting.Testing.");
        }
    }

    /// <summary>
    /// Sets the title and listens to the signals. No effect if this host does not hold the process. <paramref name="onSignal"/> is called on
    /// threads of the runtime, one call at a time, and must not block.
    /// </summary>
    public void Take(ILogger logger, Action<MasterSignal> onSignal)
    {
        if (!IsHolder)
        {
            return;
        }

        ProcessTitle.SetMaster();
        if (MasterSignals.Instance.IgnoresHangup)
        {
            Log.HangupIgnored(logger);
        }

        MasterSignals.Instance.Listen(onSignal);
    }

    /// <summary>Sets the exit code, and ends the process if a signal has requested that. No effect if this host does not hold the process.</summary>
    public void Finish(int exitCode, bool endsProcess)
    {
        if (IsHolder)
        {
            MasterExit.Finish(exitCode, endsProcess);
        }
    }

    public void Release()
    {
        if (IsHolder)
        {
            MasterSignals.Instance.StopListening();
            _reservation.Release(this);
        }
    }
}
