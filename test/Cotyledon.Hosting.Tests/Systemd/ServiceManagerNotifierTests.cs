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
        using var systemd = Listen();
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

    [Test]
    public void A_notice_that_cannot_be_sent_is_sent_later()
    {
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", _address);
        var notifier = new ServiceManagerNotifier();
        notifier.Send(new Notice.Ready());
        notifier.Send(new Notice.Watchdog());
        notifier.Flush();
        Assert.That(File.Exists(_address), Is.False, "it has not been received yet");

        using var systemd = Listen();

        Assert.That(Receive(systemd), Is.EqualTo("READY=1"));
    }

    [Test]
    [Platform("Linux")]
    public void A_socket_that_was_replaced_receives_the_notices()
    {
        var first = Listen();
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", _address);
        var notifier = new ServiceManagerNotifier();
        notifier.Send(new Notice.Ready());
        Assert.That(Receive(first), Is.EqualTo("READY=1"));
        first.Dispose();
        File.Delete(_address);

        using var second = Listen();
        notifier.Send(new Notice.Stopping());

        Assert.That(Receive(second), Is.EqualTo("STOPPING=1"));
    }

    [Test]
    [Platform("Linux")]
    public void A_socket_in_the_abstract_namespace_receives_the_notices()
    {
        var name = Path.GetFileName(_address);
        using var systemd = Listen($"\0{name}");
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", $"@{name}");
        new ServiceManagerNotifier().Send(new Notice.Ready());

        Assert.That(Receive(systemd), Is.EqualTo("READY=1"));
    }

    private Socket Listen(string? address = null)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 30_000 };
        socket.Bind(new UnixDomainSocketEndPoint(address ?? _address));
        return socket;
    }

    private static string Receive(Socket socket)
    {
        var buffer = new byte[100];
        return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
    }
}
