using System.Net.Sockets;
using System.Text;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

/// <summary>
/// All workers replaced, one at a time. A slot is empty from the exit of its old process, which is when its pidfd becomes
/// readable, until the report of the new one that it is ready.
/// </summary>
internal sealed class RollingRestart(MeasuredRun run)
{
    private readonly List<TimeSpan> _empty = [];

    /// <summary>How long each slot was empty.</summary>
    public IReadOnlyList<TimeSpan> Empty => _empty;

    /// <summary>The system's own rolling restart. Which slot a report belongs to is the worker's id in it.</summary>
    /// <returns>How long it took.</returns>
    public TimeSpan ByRequest(string control)
    {
        var left = new Queue<TimeSpan>();
        run.Workers().ToList().ForEach(run.Watch.Add);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        var told = Watch.Now;
        socket.SendTo(Encoding.ASCII.GetBytes("restart"), new UnixDomainSocketEndPoint(control));
        while (true)
        {
            switch (run.NextOrFail($"{_empty.Count} are replaced"))
            {
                case Happening.Exited exit:
                    left.Enqueue(exit.Time);
                    break;
                case Happening.Reported { Word: "restarted" } report:
                    return report.Detail == "Reloaded" ? report.Time - told : throw new MeasurementException(report.Detail);
                case Happening.Reported report when run.IsNewcomer(report):
                    // One at a time: the slot that was left is the slot that is filled.
                    _empty.Add(report.Time - left.Dequeue());
                    break;
            }
        }
    }

    /// <summary>For a system without one: SIGTERM to a worker, and to the next when the successor is ready.</summary>
    /// <returns>How long it took.</returns>
    public TimeSpan BySignals()
    {
        var began = Watch.Now;
        foreach (var worker in run.Workers())
        {
            run.Watch.Add(worker);
            run.Signal(worker, Libc.SignalTerminate);
            var left = WaitForExitOf(worker);
            _empty.Add(run.WaitForReady(1)[0].Time - left);
        }

        return Watch.Now - began;
    }

    private TimeSpan WaitForExitOf(int worker)
    {
        while (true)
        {
            if (run.NextOrFail($"{_empty.Count} are replaced") is Happening.Exited exit && exit.ProcessId == worker)
            {
                return exit.Time;
            }
        }
    }
}
