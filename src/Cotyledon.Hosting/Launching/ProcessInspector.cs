using System.Collections.Concurrent;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Shared;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Launching;

/// <summary>
/// Inspects processes from outside, on its own thread, because the kernel may block a reader until the process has released the lock of its
/// memory map. The thread is started when it is needed.
/// </summary>
internal sealed class ProcessInspector(Action<SupervisorMessage> report) : IDisposable
{
    /// <summary>While an inspection is blocked, perhaps for days, the supervisor requests further ones. Those that do not fit are left out.</summary>
    private const int MaxWanted = 1000;

    private readonly BlockingQueue<Action> _wanted = new(MaxWanted);

    /// <summary>The processes whose memory is to be measured. A second measurement before the first is done would say nothing new.</summary>
    private readonly ConcurrentDictionary<int, byte> _toMeasure = new();
    private Thread? _thread;

    public void MeasureMemory(int spawn, int processId, long limit)
    {
        if (_toMeasure.TryAdd(spawn, 0) && !TryEnqueue(Measure))
        {
            _toMeasure.TryRemove(spawn, out _);
        }

        void Measure()
        {
            try
            {
                if (ProcessMemory.Measure(processId, limit) is { } bytes)
                {
                    report(new SupervisorMessage.WorkerMemoryMeasured(spawn, bytes));
                }
            }
            finally
            {
                _toMeasure.TryRemove(spawn, out _);
            }
        }
    }

    public void TakeSnapshot(int spawn, int processId) => TryEnqueue(() =>
    {
        if (OperatingSystem.IsLinux() && ProcessSnapshot.Take(processId) is { Length: > 0 } snapshot)
        {
            report(new SupervisorMessage.WorkerInspected(spawn, snapshot));
        }
    });

    /// <summary>Ends the thread. Does not wait for a running inspection.</summary>
    public void Dispose() => _wanted.Complete();

    /// <remarks>Called by the supervisor's thread only.</remarks>
    private bool TryEnqueue(Action inspection)
    {
        if (_thread is null)
        {
            var thread = new Thread(Run) { IsBackground = true, Name = "cotyledon inspector" };
            try
            {
                thread.Start();
            }
            catch (OutOfMemoryException)
            {
                return false; // The system refuses a new thread. The next inspection tries again.
            }

            _thread = thread;
        }

        return _wanted.TryAdd(inspection);
    }

    private void Run()
    {
        foreach (var inspection in _wanted.TakeAll())
        {
            try
            {
                inspection();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The process has exited meanwhile; an exception on this thread would end the master.
            }
        }
    }
}
