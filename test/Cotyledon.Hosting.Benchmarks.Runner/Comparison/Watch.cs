using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

/// <summary>Waits for datagrams and for exits in one place, so that their order is that of the kernel.</summary>
internal sealed class Watch : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly Dictionary<int, int> _exitDescriptors = [];
    private readonly Queue<Happening> _happenings = new();
    private readonly byte[] _buffer = new byte[200];

    public Watch(string address) => _socket.Bind(new UnixDomainSocketEndPoint(address));

    public static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    /// <summary>From now on the exit of this process is a happening.</summary>
    public void Add(int processId)
    {
        var descriptor = ExitStatusReader.OpenExitDescriptor(processId);
        if (descriptor < 0)
        {
            throw new MeasurementException($"process {processId} is gone, or the kernel has no pidfd_open(2)");
        }

        _exitDescriptors.Add(processId, descriptor);
    }

    /// <summary>The next thing that happens, or <see langword="null"/> at the deadline.</summary>
    public Happening? Next(TimeSpan deadline)
    {
        while (_happenings.Count == 0 && Now < deadline)
        {
            Poll(deadline - Now);
        }

        return _happenings.TryDequeue(out var happening) ? happening : null;
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

        // Exits first: a successor is not ready before the one it follows is gone.
        for (var i = 0; i < processes.Length; i++)
        {
            if (polled[i].HasEvents)
            {
                _exitDescriptors.Remove(processes[i], out var descriptor);
                _ = Libc.Close(descriptor);
                _happenings.Enqueue(new Happening.Exited(now, processes[i]));
            }
        }

        while (_socket.Available > 0)
        {
            var size = _socket.Receive(_buffer);
            var words = Encoding.ASCII.GetString(_buffer, 0, size).Split(' ');
            var processId = int.Parse(words[2], CultureInfo.InvariantCulture);
            _happenings.Enqueue(new Happening.Reported(now, words[0], words[1], processId));
        }
    }
}
