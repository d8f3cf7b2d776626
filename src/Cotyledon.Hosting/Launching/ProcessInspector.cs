using System.Collections.Concurrent;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Launching;

/// <summary>
/// Looks at processes from outside, on a thread of its own: the kernel may keep a reader waiting until the process has let go of its
/// memory map. The thread exists only where it is needed.
/// </summary>
internal sealed class ProcessInspector(Action<SupervisorMessage> report) : IDisposable
{
    private readonly BlockingCollection<Action> _wanted = [];
    private Thread? _thread;

    public void MeasureMemory(int spawn, int processId, long limit) => Enqueue(() =>
    {
        if (ProcessMemory.Measure(processId, limit) is { } bytes)
        {
            report(new SupervisorMessage.WorkerMemoryMeasured(spawn, bytes));
        }
    });

    public void TakePicture(int spawn, int processId) => Enqueue(() =>
    {
        if (OperatingSystem.IsLinux() && ProcessPicture.Take(processId) is { Length: > 0 } picture)
        {
            report(new SupervisorMessage.WorkerInspected(spawn, picture));
        }
    });

    /// <summary>Does not wait for a look that hangs.</summary>
    public void Dispose() => _wanted.CompleteAdding();

    /// <remarks>Called by the supervisor's thread only.</remarks>
    private void Enqueue(Action look)
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
                return; // No more threads: the next look tries again.
            }

            _thread = thread;
        }

        _wanted.Add(look);
    }

    private void Run()
    {
        foreach (var look in _wanted.GetConsumingEnumerable())
        {
            look();
        }
    }
}
