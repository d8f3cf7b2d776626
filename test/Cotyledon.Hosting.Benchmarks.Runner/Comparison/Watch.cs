using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

/// <summary>Waits for datagrams and exits with one poll(2).</summary>
internal sealed class Watch : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly Dictionary<int, int> _exitDescriptors = [];
    private readonly Queue<ObservedEvent> _events = new();
    private readonly byte[] _buffer = new byte[200];

    public Watch(string address) => _socket.Bind(new UnixDomainSocketEndPoint(address));

    public static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    /// <summary>Starts to observe the exit of this process.</summary>
    public void Add(int processId)
    {
        var descriptor = ExitStatusReader.OpenExitDescriptor(processId);
        if (descriptor < 0)
        {
            throw new MeasurementException($"process {processId} has exited, or the kernel has no pidfd_open(2)");
        }

        _exitDescriptors.Add(processId, descriptor);
    }

    /// <summary>Returns the next event, or <see langword="null"/> at the deadline.</summary>
    public ObservedEvent? Next(TimeSpan deadline)
    {
        while (_events.Count == 0 && Now < deadline)
        {
            Poll(deadline - Now);
        }

        return _events.TryDequeue(out var observed) ? observed : null;
    }

    public void Dispose()
    {
        _socket.Dispose();
        foreach (var descriptor in _exitDescriptors.Values)
        {
            _ = Libc.Close(descriptor);
        }
    }

    private void Poll(TimeSpan timeout)
    {
        int[] processes = [.. _exitDescriptors.Keys];
        PollDescriptor[] polled =
        [
            .. processes.Select(p => new PollDescriptor(_exitDescriptors[p], PollEvents.In)),
            new PollDescriptor((int)_socket.Handle, PollEvents.In),
        ];
        Libc.Poll(polled, timeout);
        var now = Now;

        // Exits come first: a successor is not ready before its predecessor has exited.
        for (var i = 0; i < processes.Length; i++)
        {
            if (polled[i].HasEvents)
            {
                _exitDescriptors.Remove(processes[i], out var descriptor);
                _ = Libc.Close(descriptor);
                _events.Enqueue(new ObservedEvent.Exited(now, processes[i]));
            }
        }

        while (_socket.Available > 0)
        {
            var size = _socket.Receive(_buffer);
            var words = Encoding.ASCII.GetString(_buffer, 0, size).Split(' ');
            var processId = int.Parse(words[2], CultureInfo.InvariantCulture);
            _events.Enqueue(new ObservedEvent.Reported(now, words[0], words[1], processId));
        }
    }
}
