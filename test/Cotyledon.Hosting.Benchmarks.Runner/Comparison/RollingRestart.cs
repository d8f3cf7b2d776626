using System.Net.Sockets;
using System.Text;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

/// <summary>
/// Replaces all workers, one at a time. A slot is empty from the exit of its old process, when its pidfd becomes readable,
/// until the new process reports ready.
/// </summary>
internal sealed class RollingRestart(MeasuredRun run)
{
    private readonly List<TimeSpan> _empty = [];

    /// <summary>The time during which each slot was empty.</summary>
    public IReadOnlyList<TimeSpan> Empty => _empty;

    /// <summary>Measures the rolling restart of the system itself.</summary>
    /// <returns>The duration.</returns>
    public TimeSpan ByRequest(string control)
    {
        var left = new Queue<TimeSpan>();
        run.Workers().ToList().ForEach(run.Watch.Add);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        var requested = Watch.Now;
        socket.SendTo(Encoding.ASCII.GetBytes("restart"), new UnixDomainSocketEndPoint(control));
        while (true)
        {
            switch (run.NextOrFail($"{_empty.Count} workers are replaced"))
            {
                case ObservedEvent.Exited exit:
                    left.Enqueue(exit.Time);
                    break;
                case ObservedEvent.Reported { Word: "restarted" } report:
                    return report.Detail == "Reloaded" ? report.Time - requested : throw new MeasurementException(report.Detail);
                case ObservedEvent.Reported report when run.IsNewWorker(report):
                    // One at a time: the new worker fills the slot of the worker that has exited.
                    _empty.Add(report.Time - left.Dequeue());
                    break;
            }
        }
    }

    /// <summary>Sends SIGTERM to each worker of a system without a rolling restart, each after the previous successor is ready.</summary>
    /// <returns>The duration.</returns>
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
            if (run.NextOrFail($"{_empty.Count} workers are replaced") is ObservedEvent.Exited exit && exit.ProcessId == worker)
            {
                return exit.Time;
            }
        }
    }
}
