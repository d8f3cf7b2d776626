using System.Net;
using System.Net.Sockets;
using Cotyledon.Hosting.Shared;
using Cotyledon.Hosting.Web.Passing;

namespace Cotyledon.Hosting.Web.Tests.Passing;

/// <summary>The messages of a worker are validated, and the texts of endpoints are read as they were written.</summary>
internal sealed class FrameTests
{
    /// <summary>Lets the master's view of a worker take a frame.</summary>
    public static PassedConnection? Take(WorkerLink link, byte[] frame)
    {
        PassedConnection? result = null;
        new FrameSplitter(WebFrame.MaxLength, (kind, fields) => result = link.Take((WebFrameKind)kind, ref fields)).Feed(frame);
        return result;
    }

    [Test]
    public void Message_that_a_worker_must_not_send_is_refused()
    {
        var link = new WorkerLink();
        Assert.That(() => Take(link, WebFrame.Accepted(7)), Throws.TypeOf<InvalidDataException>(), "never passed");
        Assert.That(() => Take(link, WebFrame.Returned(7)), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => Take(link, WebFrame.Closed(1)), Throws.TypeOf<InvalidDataException>(), "more than are open");
        Assert.That(() => Take(link, WebFrame.Closed(-1)), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => Take(link, WebFrame.Serving(-1)), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => Take(link, WebFrame.Setup(1)), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => Take(link, WebFrame.Count()), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => Take(link, WebFrame.Counted(-1)), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => Take(link, WebFrame.Connection(0, 1)), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => Take(link, [1, 0, 0, 0, 200]), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => Take(link, [255, 255, 255, 255, 0]), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    public void Number_of_endpoints_of_a_worker_is_bounded()
    {
        var link = new WorkerLink();
        Assert.That(
            () => Enumerable.Range(0, 2000).ToList().ForEach(i => Take(link, WebFrame.Bound(i))), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    public void Random_bytes_are_refused_without_another_exception()
    {
        var random = new Random(1);
        for (var i = 0; i < 10_000; i++)
        {
            var bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            if (bytes.Length > 5)
            {
                (bytes[0], bytes[1], bytes[2], bytes[3]) = ((byte)(bytes.Length - 4), 0, 0, 0);
            }

            try
            {
                Take(new WorkerLink(), bytes);
            }
            catch (InvalidDataException)
            {
                // Expected for nearly all.
            }
        }
    }

    [Test]
    public void Returned_connection_is_given_back_and_the_worker_is_full_for_a_short_time()
    {
        var link = new WorkerLink();
        Take(link, WebFrame.Bound(0));
        Take(link, WebFrame.Serving(3));
        var (first, second) = (new PassedConnection(1, 0, -1, 0, 0), new PassedConnection(2, 0, -1, 0, 0));
        link.OnPassed(first);
        link.OnPassed(second);
        Assert.That(Take(link, WebFrame.Returned(1)), Is.SameAs(first));
        link.OnFull(now: 0);
        Assert.That(link.CanTake(0, now: 0), Is.False);
        Assert.That(Take(link, WebFrame.Accepted(2)), Is.SameAs(second));
        Assert.That(link.CanTake(0, now: link.FullUntil));
        Assert.That(link.Connections, Is.EqualTo(1));
    }

    [TestCase("127.0.0.1:80")]
    [TestCase("[::1]:443")]
    [TestCase("unix:/run/app.sock")]
    public void Endpoint_is_read_as_it_was_written(string text)
    {
        Assert.That(EndpointText.TryParse(text, out var endpoint));
        Assert.That(EndpointText.Of(endpoint!), Is.EqualTo(text));
    }

    [Test]
    public void Equal_endpoints_have_different_keys()
    {
        var endpoint = new IPEndPoint(IPAddress.Loopback, 0);
        var first = EndpointText.KeyOf(endpoint, []);
        Assert.That(EndpointText.KeyOf(endpoint, [first]), Is.Not.EqualTo(first));
        Assert.That(EndpointText.KeyOf(new UnixDomainSocketEndPoint("/a"), [first]), Is.EqualTo("unix:/a#0"));
    }

    [Test]
    public void Client_has_one_hash_for_its_two_kinds_of_address_and_any_port()
    {
        byte[] v4 = [2, 0, 1, 2, 10, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0];
        byte[] otherPort = [2, 0, 9, 9, 10, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0];
        byte[] mapped = [10, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 1, 2, 3, 0, 0, 0, 0];
        Assert.That(ClientHash.Of(v4), Is.EqualTo(ClientHash.Of(otherPort)).And.EqualTo(ClientHash.Of(mapped)).And.Not.Zero);
        Assert.That(ClientHash.Of([1, 0]), Is.Zero, "a Unix socket");
    }
}
