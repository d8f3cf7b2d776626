using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>What a signal asks of the master.</summary>
internal enum MasterSignal
{
    /// <summary>SIGTERM, or the first SIGINT or SIGQUIT.</summary>
    Stop,

    /// <summary>The second SIGINT or SIGQUIT.</summary>
    FastStop,

    /// <summary>SIGHUP.</summary>
    Reload,
}

/// <summary>The signals of the master: .NET 10 has no default SIGTERM handler of its own, and SIGHUP ends a plain host.</summary>
/// <remarks>
/// Before the supervisor listens, and after it has ended, SIGTERM, SIGINT and SIGQUIT do what they do to any program: a host that is
/// built and not run, for a command such as <c>migrate</c>, has nothing to stop gracefully, and there are no workers then.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as its process.")]
internal sealed class MasterSignals
{
    private static readonly Lazy<MasterSignals> LazyInstance = new(() => new MasterSignals());

    private const int HangupNumber = 1;

    private readonly Lock _gate = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly bool _hadTerminal = HasTerminal();
    private Action<MasterSignal>? _listener;
    private int _interrupts;

    private MasterSignals()
    {
        IgnoresHangup = SignalMask.Ignores(HangupNumber);
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => OnSignal(context, MasterSignal.Stop)));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, OnInterrupt));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGQUIT, OnInterrupt));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnHangup));
    }

    /// <summary>
    /// Whether this process was started with SIGHUP ignored (nohup, some schedulers): the runtime respects that, and no handler
    /// is ever called.
    /// </summary>
    public bool IgnoresHangup { get; }

    /// <summary>The one handler of this process. The first look at it registers the signals.</summary>
    public static MasterSignals Instance => LazyInstance.Value;

    /// <summary>From now on the listener hears the signals.</summary>
    /// <param name="listener">Called on the runtime's signal threads, one call at a time: must not wait.</param>
    public void Listen(Action<MasterSignal> listener)
    {
        lock (_gate)
        {
            _listener = listener;
        }
    }

    /// <summary>From now on the signals do what they do to any program.</summary>
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

    private void OnInterrupt(PosixSignalContext context)
    {
        lock (_gate)
        {
            OnSignal(context, _listener is not null && ++_interrupts > 1 ? MasterSignal.FastStop : MasterSignal.Stop);
        }
    }

    /// <summary>
    /// A terminal that was closed sends it, too: then the program ends, as any host does. Before the start there is nothing to reload:
    /// the start itself reads the configuration.
    /// </summary>
    private void OnHangup(PosixSignalContext context)
    {
        context.Cancel = true;
        OnSignal(context, _hadTerminal && !HasTerminal() ? MasterSignal.Stop : MasterSignal.Reload);
    }
}
