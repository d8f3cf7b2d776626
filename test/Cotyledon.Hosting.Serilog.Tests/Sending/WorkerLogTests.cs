using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Serilog.Sending;

namespace Cotyledon.Hosting.Serilog.Tests.Sending;

[Platform("Unix")]
public class WorkerLogTests
{
    /// <summary>Otherwise another connection could get the number of the socket, to which the worker still sends.</summary>
    [Test]
    public async Task The_socket_stays_open_after_the_master_has_closed_its_end()
    {
        var (stream, reader) = Open();
        (await reader).Join();
        GC.Collect();
        GC.WaitForPendingFinalizers();

        Assert.That(stream.IsAlive);
    }

    /// <summary>In its own method, so that no variable of the test refers to the stream.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WeakReference Stream, Task<Thread> Reader) Open()
    {
        var (ours, theirs) = Libc.SocketPair();
        using var master = OutboxTests.ToSocket(theirs);
        var stream = new EndedStream(OutboxTests.ToSocket(ours));
        _ = new WorkerLog(stream, new CotyledonSerilogOptions());
        return (new WeakReference(stream), stream.Reader);
    }

    /// <summary>The stream of a connection that the master has closed.</summary>
    private sealed class EndedStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
    {
        private readonly TaskCompletionSource<Thread> _reader = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes with the thread that has read the end of the stream.</summary>
        public Task<Thread> Reader => _reader.Task;

        public override int Read(Span<byte> buffer)
        {
            _reader.SetResult(Thread.CurrentThread);
            return 0;
        }
    }
}
