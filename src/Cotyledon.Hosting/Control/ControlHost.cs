using System.Reflection;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Control;

/// <summary>The parts of the master that the control endpoint uses.</summary>
internal sealed class ControlHost
{
    private const int MaxActions = 32;

    private int _actions;

    public required string Application { get; init; }

    public required ICotyledonManager Manager { get; init; }

    /// <summary>Returns the queues of the program. Called when they are needed, because queues are created late.</summary>
    public required Func<IReadOnlyList<IQueueAdministration>> Queues { get; init; }

    /// <summary>Writes to the log, in the background.</summary>
    public required Action<Action<ILogger>> Log { get; init; }

    public required TimeProvider Clock { get; init; }

    /// <summary>Writes lines about refused users to the log.</summary>
    public RefusalLog Refusals => LazyInitializer.EnsureInitialized(ref field, () => new RefusalLog(Log, Clock));

    public static ControlHost Create(IServiceProvider services, Action<Action<ILogger>> log) => new()
    {
        Application = services.GetRequiredService<IHostEnvironment>().ApplicationName,
        Manager = services.GetRequiredService<ICotyledonManager>(),
        Queues = () => [.. services.GetServices<IQueueAdministration>()],
        Log = log,
        Clock = services.GetRequiredService<TimeProvider>(),
    };

    /// <summary>Whether the supervisor runs: it has started and does not stop.</summary>
    public bool IsRunning => Manager.GetOverview().Phase is CotyledonPhase.Starting or CotyledonPhase.Running;

    public GreetingObject Greet(ControlPeer peer) => new()
    {
        Protocol = ControlLines.Protocol,
        App = Application,
        Version = Manager.GetOverview().Version,
        Library = typeof(ControlHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0],
        Pid = Environment.ProcessId,
        Access = peer.MayControl ? "control" : "read",
    };

    /// <summary>Counts an action that starts. An action goes on after its connection was closed, so the connections do not limit them.</summary>
    /// <param name="isUrgent">Whether it may start although too many actions run: those may hang, and this one may end them.</param>
    /// <exception cref="ControlError">Too many actions run.</exception>
    public void EnterAction(bool isUrgent)
    {
        if (Interlocked.Increment(ref _actions) > MaxActions && !isUrgent)
        {
            LeaveAction();
            throw ControlError.Conflict($"{MaxActions} actions are running already; wait until one of them has ended.");
        }
    }

    public void LeaveAction() => Interlocked.Decrement(ref _actions);
}
