using System.Net.Sockets;
using System.Text;
using Cotyledon.Hosting.Supervision;
using Cotyledon.Hosting.Systemd;

namespace Cotyledon.Hosting.Tests.Systemd;

[Platform("Unix"), NonParallelizable]
internal sealed class ServiceManagerNotifierTests
{
    private readonly string _address = Path.Combine(Path.GetTempPath(), $"cotyledon-{Guid.NewGuid():N}");

    [TearDown]
    public void DeleteSocket() => File.Delete(_address);

    [Test]
    public void A_refused_thread_is_started_with_the_next_notice_and_no_notice_is_lost()
    {
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.ReceiveTimeout = 30_000;
        systemd.Bind(new UnixDomainSocketEndPoint(_address));
        var isRefused = true;

        // The notifier reads and removes the variable.
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", _address);
        var notifier = new ServiceManagerNotifier(run =>
        {
            if (isRefused)
            {
                throw new InsufficientMemoryException();
            }

            new Thread(run) { IsBackground = true }.Start();
        });
        notifier.Send(new Notice.Ready());
        isRefused = false;
        notifier.Send(new Notice.Status("running"));

        Assert.That((Receive(systemd), Receive(systemd)), Is.EqualTo(("READY=1", "STATUS=running")));
    }

    private static string Receive(Socket socket)
    {
        var buffer = new byte[100];
        return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
    }
}
