using System.Globalization;
using System.Net.Sockets;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Tests.Processes;

[Platform("Linux")]
internal sealed class SocketChannelEndTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>With a small buffer, Linux takes large frames in parts, as macOS takes any frame.</summary>
    [Test]
    public void Frame_that_the_socket_takes_in_parts_arrives_complete_and_before_later_frames()
    {
        var (ours, theirs) = Libc.SocketPair();
        using var master = new Socket(new SafeSocketHandle(theirs, ownsHandle: true));
        using var worker = new Socket(new SafeSocketHandle(ours, ownsHandle: true)) { SendBufferSize = 1 };
        var channel = new SocketChannelEnd(ours.ToString(CultureInfo.InvariantCulture));

        channel.Write(Frame(1));
        Assert.That(master.Available, Is.InRange(1, 5999), "a part");
        channel.Write(Frame(2)); // Dropped, because the master does not read.
        List<byte> received = [];
        Receive(6000);
        channel.Write([3]);
        Receive(6001);
        Assert.That(received, Is.EqualTo((byte[])[.. Frame(1), 3]));

        void Receive(int count)
        {
            var buffer = new byte[6000];
            var end = Environment.TickCount64 + (long)Limit.TotalMilliseconds;
            while (received.Count < count && Environment.TickCount64 < end)
            {
                if (master.Available > 0)
                {
                    received.AddRange(buffer.AsSpan(0, master.Receive(buffer)));
                }

                channel.Read(buffer, TimeSpan.Zero);
            }
        }
    }

    private static byte[] Frame(byte content)
    {
        var frame = new byte[6000];
        frame.AsSpan().Fill(content);
        return frame;
    }
}
