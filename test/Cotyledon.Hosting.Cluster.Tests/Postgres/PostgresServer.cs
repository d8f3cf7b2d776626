using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Cotyledon.Hosting.Queues.Nats.Tests;

namespace Cotyledon.Hosting.Cluster.Tests.Postgres;

/// <summary>
/// A PostgreSQL server on the loopback interface, with temporary data. It is started as the user <c>postgres</c> if the tests run as root, because it
/// refuses to run as root. Disposal kills it and deletes its data.
/// </summary>
internal sealed class PostgresServer : IDisposable
{
    private const string Advice = "is not installed: apt-get install postgresql.";
    private const string Root = "root";
    private const string ServerUser = "postgres";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly string? Programs = (string[])["/usr/lib/postgresql", "/usr/local/pgsql"] is var places
        ? places.Where(Directory.Exists)
            .SelectMany(p => Directory.EnumerateDirectories(p, "bin", SearchOption.AllDirectories))
            .Where(d => File.Exists(Path.Combine(d, "initdb")))
            .Order()
            .LastOrDefault()
        : null;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("cotyledon-postgres-");
    private Process? _process;

    private PostgresServer()
    {
    }

    public int Port { get; } = LoopbackPort.Next();

    public string ConnectionString => $"{Address};Password=secret";

    /// <summary>For servers that trust all users, and programs that cannot use cryptography.</summary>
    public string ConnectionStringWithoutPassword => $"{Address};SSL Mode=Disable";

    private string Address => $"Host=127.0.0.1;Port={Port};Database=postgres;Username={ServerUser}";

    private string Data => Path.Combine(_directory.FullName, "data");

    /// <summary>Creates and starts a server. Skips the test if PostgreSQL is not installed.</summary>
    /// <param name="trustsAll">Whether users need no password.</param>
    public static PostgresServer StartNew(bool trustsAll = false)
    {
        if (Programs is null || !OperatingSystem.IsLinux())
        {
            Assert.Ignore($"PostgreSQL {Advice}");
        }

        var server = new PostgresServer();
        try
        {
            server.Create(trustsAll ? "trust" : "scram-sha-256");
            server.Start();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    public void Start()
    {
        _process = Run("postgres", "-D", Data, "-p", $"{Port}", "-h", "127.0.0.1", "-k", _directory.FullName);
        Until(IsReady, "PostgreSQL is ready");
    }

    /// <summary>Kills all processes of the server.</summary>
    public void Kill()
    {
        if (_process is { } process)
        {
            _process = null;
            Signal(process, "KILL");
            process.WaitForExit();
            process.Dispose();
            Until(() => !CanConnect(), "PostgreSQL is gone");
        }
    }

    /// <summary>Stops all processes of the server (SIGSTOP), so that connections stay open without an answer.</summary>
    public void Pause() => Signal(_process!, "STOP");

    public void Continue() => Signal(_process!, "CONT");

    public void Dispose()
    {
        Kill();
        _directory.Delete(recursive: true);
    }

    private void Create(string authentication)
    {
        var password = Path.Combine(_directory.FullName, "password");
        File.WriteAllText(password, "secret");
        if (Environment.UserName == Root)
        {
            using var owner = Process.Start("chown", ["-R", ServerUser, _directory.FullName]);
            owner.WaitForExit();
        }

        using var create = Run("initdb", "-D", Data, "-U", ServerUser, "--pwfile", password, "-A", authentication, "--no-sync", "-E", "UTF8");
        create.WaitForExit();
        Assert.That(create.ExitCode, Is.Zero, "initdb failed");
    }

    private static Process Run(string program, params string[] arguments)
    {
        string[] user = Environment.UserName == Root ? ["--reuid", ServerUser, "--regid", ServerUser, "--clear-groups"] : [];
        var start = new ProcessStartInfo("setpriv", [.. user, "setsid", Path.Combine(Programs!, program), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Each process of the server is its own process group, so the children are signalled one by one.</summary>
    private static void Signal(Process process, string signal)
    {
        using var all = Process.Start("/bin/sh", ["-c", $"kill -{signal} {process.Id} $(cat /proc/{process.Id}/task/{process.Id}/children) 2>/dev/null"]);
        all.WaitForExit();
    }

    /// <summary>Returns whether the server accepts sessions. It accepts connections earlier, but refuses sessions while it starts.</summary>
    private bool IsReady()
    {
        using var check = Process.Start(Path.Combine(Programs!, "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", $"{Port}"]);
        check.WaitForExit();
        return check.ExitCode == 0;
    }

    private bool CanConnect()
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static void Until(Func<bool> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.That(watch.Elapsed, Is.LessThan(Limit), $"Not in time: {what}.");
            Thread.Sleep(20);
        }
    }
}
