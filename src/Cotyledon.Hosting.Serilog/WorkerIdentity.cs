using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Serilog.Wire;

namespace Cotyledon.Hosting.Serilog;

/// <summary>Who this process is: a number, until it is given a slot.</summary>
internal sealed class WorkerIdentity(Func<Frame.Assign?> assignment)
{
    private volatile LogIdentity _current = new(Environment.ProcessId);
    private Frame.Assign? _seen;

    public LogIdentity Current
    {
        get
        {
            var now = assignment();
            if (ReferenceEquals(now, Volatile.Read(ref _seen)) || now is null)
            {
                return _current;
            }

            _current = new LogIdentity(now.Service, now.WorkerId, now.Incarnation, Environment.ProcessId);
            Volatile.Write(ref _seen, now);
            return _current;
        }
    }
}
