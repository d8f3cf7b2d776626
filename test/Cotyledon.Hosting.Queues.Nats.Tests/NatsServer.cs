using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Cotyledon.Hosting.Queues.Nats.Tests;

/// <summary>A nats-server on the loopback interface. Disposal kills it and deletes its directory.</summary>
internal sealed class NatsServer : IAsyncDisposable
{
    private static readonly string? Program = Array.Find(
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(d => Path.Combine(d, "nats-server")),
            "/usr/sbin/nats-server"],
        File.Exists);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("cotyledon-nats-");
    private readonly string[] _arguments;
    private Process? _process;

    private NatsServer(params string[] arguments) => _arguments = arguments;

    /// <summary>Whether JetStream is enabled.</summary>
    public bool HasJetStream { get; init; } = true;

    public int Port { get; } = LoopbackPort.Next();

    public string Url => $"nats://127.0.0.1:{Port}";

    /// <summary>Creates a server without starting it. Skips the test if nats-server is not installed.</summary>
    public static NatsServer Create(bool hasJetStream = true, params string[] arguments)
    {
        if (Program is null)
        {
            Assert.Ignore("nats-server is not installed: apt-get install nats-server.");
        }

        return new NatsServer(arguments) { HasJetStream = hasJetStream };
    }

    public static async Task<NatsServer> StartNewAsync()
    {
        var server = Create();
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts a cluster of three servers.</summary>
    public static async Task<NatsServer[]> StartClusterAsync()
    {
        if (Program is null)
        {
            Assert.Ignore("nats-server is not installed: apt-get install nats-server.");
        }

        int[] ports = [LoopbackPort.Next(), LoopbackPort.Next(), LoopbackPort.Next()];
        var routes = string.Join(',', ports.Select(p => $"nats://127.0.0.1:{p}"));
        NatsServer[] servers = [.. ports.Select((p, i) => new NatsServer(
            "-n", $"server-{i}", "--cluster_name", "tests", "--cluster", $"nats://127.0.0.1:{p}", "--routes", routes))];
        await Task.WhenAll(servers.Select(s => s.StartAsync()));
        return servers;
    }

    /// <summary>Starts the server; <paramref name="others"/> replace the previous arguments if there are any.</summary>
    public async Task StartAsync(params string[] others)
    {
        string[] jetStream = HasJetStream ? ["-js", "-sd", _directory.FullName] : [];
        var log = Path.Combine(_directory.FullName, "log");
        string[] arguments = [.. jetStream, "-a", "127.0.0.1", "-p", $"{Port}", "-l", log, .. others.Length > 0 ? others : _arguments];
        _process = Process.Start(new ProcessStartInfo(Program!, arguments))!;
        await Eventually.Is(CanConnectAsync, $"{Url} answers");
    }

    public void Kill()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        _directory.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task<bool> CanConnectAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
