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

/// <summary>
/// The signals of the master, from the moment that workers are registered: before the host has started, a signal would kill
/// (.NET 10 has no default SIGTERM handler of its own, and SIGHUP ends a plain host).
/// </summary>
/// <remarks>
/// Nothing is lost between the registration and the start of the supervisor: it hears what came before. Should a program never
/// start its host, then a second signal of the same kind does what it does to any program.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as its process.")]
internal sealed class MasterSignals
{
    private static readonly Lazy<MasterSignals> LazyInstance = new(() => new MasterSignals());

    private const int HangupNumber = 1;

    private readonly Lock _gate = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly List<MasterSignal> _early = [];
    private Action<MasterSignal>? _listener;
    private int _terminations;
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
    /// Whether this process was started with SIGHUP ignored (nohup, some schedulers): the runtime respects that, and no handler
    /// is ever called.
    /// </summary>
    public bool IgnoresHangup { get; }

    /// <summary>The one handler of this process. The first look at it registers the signals.</summary>
    public static MasterSignals Instance => LazyInstance.Value;

    /// <summary>From now on the listener hears the signals, at once those that came before.</summary>
    /// <param name="listener">Called on the runtime's signal threads, one call at a time: must not wait.</param>
    public void Listen(Action<MasterSignal> listener)
    {
        lock (_gate)
        {
            _listener = listener;
            _early.ForEach(listener);
            _early.Clear();
        }
    }

    /// <summary>Gives the signals back to whoever handles them next.</summary>
    public void StopListening()
    {
        lock (_gate)
        {
            _listener = null;
            _terminations = _interrupts = 0;
        }
    }

    private void OnTerminate(PosixSignalContext context)
    {
        lock (_gate)
        {
            context.Cancel = _listener is not null || ++_terminations == 1;
            Report(MasterSignal.Stop);
        }
    }

    private void OnInterrupt(PosixSignalContext context)
    {
        lock (_gate)
        {
            var isSecond = ++_interrupts > 1;
            context.Cancel = _listener is not null || !isSecond;
            Report(isSecond ? MasterSignal.FastStop : MasterSignal.Stop);
        }
    }

    private void OnHangup(PosixSignalContext context)
    {
        // Before the start there is nothing to reload: the start itself reads the configuration.
        context.Cancel = true;
        lock (_gate)
        {
            _listener?.Invoke(MasterSignal.Reload);
        }
    }

    private void Report(MasterSignal signal)
    {
        if (_listener is null)
        {
            _early.Add(signal);
        }
        else
        {
            _listener(signal);
        }
    }
}
