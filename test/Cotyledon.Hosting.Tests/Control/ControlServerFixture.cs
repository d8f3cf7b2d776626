using System.Diagnostics;
using System.Runtime.Versioning;
using Cotyledon.Hosting.Control;
using Cotyledon.Hosting.Extensibility;
using Microsoft.Extensions.Time.Testing;

namespace Cotyledon.Hosting.Tests.Control;

/// <summary>A control endpoint over a real socket, in a directory of its own, with a manager that records the calls.</summary>
[UnsupportedOSPlatform("windows")]
internal abstract class ControlServerFixture
{
    protected static TimeSpan Limit { get; } = TimeSpan.FromSeconds(30);

    private ControlSocketServer? _server;

    protected FakeManager Manager { get; } = new();

    protected FakeTimeProvider Clock { get; } = new();

    protected TestLogger Logger { get; } = new();

    protected List<IQueueAdministration> Queues { get; } = [];

    protected string SocketDirectory { get; private set; } = "";

    [SetUp]
    public void Create() => SocketDirectory = Directory.CreateTempSubdirectory("cotyledon-control-").FullName;

    [TearDown]
    public void Delete()
    {
        StopServer();
        Directory.Delete(SocketDirectory, recursive: true);
    }

    protected ControlSettings Settings => new() { Directory = SocketDirectory };

    protected ControlHost Host() => new()
    {
        Application = "My App",
        Manager = Manager,
        Queues = () => Queues,
        Log = write => write(Logger),
        Clock = Clock,
    };

    protected string Start()
    {
        _server = new ControlSocketServer(Host(), Settings);
        Eventually(() => Logger.Names.Contains("ControlStarted"));
        return Sockets().Single(path => path.Contains($".{Environment.ProcessId}.", StringComparison.Ordinal));
    }

    protected string[] Sockets() => Directory.GetFiles(SocketDirectory);

    protected static ControlClient Connect(string path) => new(path);

    /// <summary>Returns a client that has read the greeting.</summary>
    protected static ControlClient Greeted(string path)
    {
        var client = new ControlClient(path);
        Assert.That(client.ReadLine(), Does.StartWith("{\"protocol\":1,"));
        return client;
    }

    /// <summary>Makes the server look at its connections, and waits until it has done so.</summary>
    protected static void Poke(string path)
    {
        for (var i = 0; i < 2; i++)
        {
            using var client = Greeted(path);
            client.Ask("""{"do":"exits"}""");
        }
    }

    protected static void Eventually(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.That(watch.Elapsed, Is.LessThan(Limit), "the condition was not met");
            Thread.Sleep(5);
        }
    }

    protected void StopServer() => _server?.Stop();
}
