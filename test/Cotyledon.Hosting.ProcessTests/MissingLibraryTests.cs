using System.Diagnostics;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Systems without OpenSSL, on which .NET ends a process that uses cryptography. The library is hidden in a mount namespace.</summary>
public class MissingLibraryTests
{
    private const string Hide = "find /lib /usr/lib -name 'libssl.so*' -type f -exec mount --bind /dev/null {} \\;";

    [TestCase("PostgreSQL", "--Heavy=1", "--Cotyledon:Cluster:ConnectionString=Host=127.0.0.1;Port=1;Username=a;Password=b")]
    [TestCase("NATS", "--Heavy=1", "--Cotyledon:Cluster:Url=nats://127.0.0.1:1")]
    [TestCase("NATS", "--Consumers=1", "--Cotyledon:Queues:work:Provider=Nats", "--Cotyledon:Queues:work:Url=nats://127.0.0.1:1")]
    public async Task Program_that_needs_OpenSSL_says_so(string user, params string[] arguments)
    {
        await using var app = Start([.. arguments, "--Cotyledon:Services:heavy:Scope=Cluster"]);
        await app.UntilAsync(
            () => app.Output.Contains("needs OpenSSL, which is not installed. Install libssl3", StringComparison.Ordinal), "the error");
        Assert.That(app.Output, Does.Contain(user).And.Not.Contain("No usable version of libssl"));
        app.Signal(Linux.Terminate);
        await app.UntilGoneAsync();
    }

    [TestCase("--Heavy=1")]
    [TestCase("--Heavy=1", "--Cotyledon:SpareWorkers=1", "--Cotyledon:Services:heavy:MaxAge=1h", "--Log=forward", "--Writers=1", "--Telemetry=true")]
    public async Task Program_without_cryptography_runs(params string[] arguments)
    {
        await using var app = Start(arguments);
        await app.WaitForReadyAsync("heavy", 0);
        await app.StopAsync();
    }

    private static TestProgram Start(string[] arguments)
    {
        using var probe = Process.Start(new ProcessStartInfo("/usr/bin/env", ["unshare", "--mount", "sh", "-c", Hide]) { RedirectStandardError = true })!;
        probe.WaitForExit();
        if (probe.ExitCode != 0)
        {
            Assert.Ignore("Needs namespaces with mounts of their own: install unshare (package util-linux), and run the tests as root.");
        }

        return TestProgram.StartAs(
            "unshare", _ => { }, ["--mount", "sh", "-c", Hide + " && exec \"$0\" \"$@\"", TestProgram.Executable, "--Light=-1", .. arguments]);
    }
}
