using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>The request that a signal makes to the master.</summary>
internal enum MasterSignal
{
    /// <summary>SIGTERM, the first SIGINT or SIGQUIT, or SIGHUP of a terminal that was closed; on Windows, any SIGHUP.</summary>
    Stop,

    /// <summary>The second SIGINT or SIGQUIT.</summary>
    FastStop,

    /// <summary>Any other SIGHUP.</summary>
    Reload,
}

/// <summary>
/// Handles the signals of the master. .NET 10 has no default handler for SIGTERM, and SIGHUP ends a host without a handler.
/// </summary>
/// <remarks>
/// Before the supervisor has started and after it was disposed of, SIGTERM, SIGINT and SIGQUIT have their default effect: there are no workers,
/// and a host that is built but not run, for a command such as <c>migrate</c>, cannot be stopped gracefully. Process 1, for which the kernel
/// ignores the default actions, is ended by this class.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as its process.")]
internal sealed class MasterSignals
{
    private static readonly Lazy<MasterSignals> LazyInstance = new(() => new MasterSignals());

    private const int HangupNumber = 1;
    private const int InterruptNumber = 2;
    private const int QuitNumber = 3;

    private readonly Lock _gate = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly bool _hadTerminal = HasTerminal();
    private Action<MasterSignal>? _listener;
    private int _interrupts;

    private MasterSignals()
    {
        IgnoresHangup = SignalMask.Ignores(HangupNumber);
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnTerminate));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, OnInterrupt));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGQUIT, OnInterrupt));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnHangup));
    }

    /// <summary>
    /// Whether this process was started with SIGHUP ignored (nohup, some schedulers). The runtime then never calls a handler for it.
    /// </summary>
    public bool IgnoresHangup { get; }

    /// <summary>The instance of this process. The first access registers the handlers.</summary>
    public static MasterSignals Instance => LazyInstance.Value;

    /// <summary>Sets the listener.</summary>
    /// <param name="listener">Called on threads of the runtime, one call at a time; must not block.</param>
    public void Listen(Action<MasterSignal> listener)
    {
        lock (_gate)
        {
            _listener = listener;
        }
    }

    /// <summary>Removes the listener. The signals have their default effect again, except SIGHUP, which is ignored (not on Windows).</summary>
    public void StopListening()
    {
        lock (_gate)
        {
            _listener = null;
            _interrupts = 0;
        }
    }

    private static bool HasTerminal() => !OperatingSystem.IsWindows() && ControllingTerminal.Exists;

    private void OnSignal(PosixSignalContext context, MasterSignal signal)
    {
        lock (_gate)
        {
            if (_listener is { } listener)
            {
                context.Cancel = true;
                listener(signal);
            }
        }
    }

    private void OnTerminate(PosixSignalContext context)
    {
        OnSignal(context, MasterSignal.Stop);
        if (OperatingSystem.IsWindows() && context.Cancel)
        {
            ConsoleClosing.WaitForExit();
        }

        EndUnlessCancelled(context, Libc.SignalTerminate);
    }

    private void OnInterrupt(PosixSignalContext context)
    {
        lock (_gate)
        {
            OnSignal(context, _listener is not null && ++_interrupts > 1 ? MasterSignal.FastStop : MasterSignal.Stop);
        }

        EndUnlessCancelled(context, context.Signal == PosixSignal.SIGQUIT ? QuitNumber : InterruptNumber);
    }

    /// <summary>
    /// Ends process 1 if no handler cancels the signal. Otherwise the runtime would remove its handler and send the signal again, and the kernel would
    /// ignore this signal and later ones.
    /// </summary>
    private static void EndUnlessCancelled(PosixSignalContext context, int number)
    {
        if (Environment.ProcessId != 1 || context.Cancel)
        {
            return;
        }

        // The runtime calls the handlers of such a signal on a thread of their own. Handlers of the program may follow this one.
        var handlers = Thread.CurrentThread;
        Threads.Run("cotyledon signal", () =>
        {
            handlers.Join();
            if (!context.Cancel)
            {
                Termination.ExitNow(128 + number);
            }
        });
    }

    /// <summary>
    /// Reloads, or stops the program if its terminal was closed, which also causes SIGHUP. Ignored before the start, which reads the
    /// configuration anyway.
    /// </summary>
    private void OnHangup(PosixSignalContext context)
    {
        if (OperatingSystem.IsWindows())
        {
            OnTerminate(context);
            return;
        }

        context.Cancel = true;
        OnSignal(context, _hadTerminal && !HasTerminal() ? MasterSignal.Stop : MasterSignal.Reload);
    }
}
