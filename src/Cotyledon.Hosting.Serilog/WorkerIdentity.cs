using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Serilog.Wire;

namespace Cotyledon.Hosting.Serilog;

/// <summary>The identity of this process: the process id only, until the worker is assigned a slot.</summary>
internal sealed class WorkerIdentity(Func<Frame.Assign?> assignment)
{
    private static readonly LogIdentity Process = new(Environment.ProcessId);

    private volatile Known? _last;

    public LogIdentity Current => assignment() is not { } now
        ? Process
        : _last is { } last && ReferenceEquals(last.Assignment, now)
            ? last.Identity
            : (_last = new Known(now, new LogIdentity(now.Service, now.WorkerId, now.Incarnation, Environment.ProcessId))).Identity;

    private sealed record Known(Frame.Assign Assignment, LogIdentity Identity);
}
