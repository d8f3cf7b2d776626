using System.Diagnostics;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Systems without OpenSSL, on which .NET ends a process that uses cryptography. The library is hidden in a mount namespace.</summary>
public class MissingLibraryTests
{
    private const string Hide = "for f in $(find /lib /usr/lib /lib64 /usr/lib64 -name 'libssl.so*' -type f); do mount --bind /dev/null $f || exit 1; done";

    [TestCase("PostgreSQL", "--Cotyledon:Cluster:ConnectionString=Host=127.0.0.1;Port=1;Username=a;Password=b")]
    [TestCase("NATS", "--Cotyledon:Cluster:Url=nats://127.0.0.1:1")]
    public async Task Program_whose_cluster_store_needs_OpenSSL_says_so_and_ends(string store, string argument)
    {
        await using var app = Start(["--Heavy=1", "--Cotyledon:Services:heavy:Scope=Cluster", argument]);
        Assert.That(await app.WaitForExitAsync(), Is.Not.Zero, app.Describe);
        await app.UntilGoneAsync();
        AssertIsExplained(app, store);
    }

    [Test]
    public async Task Program_whose_queue_needs_OpenSSL_says_so()
    {
        await using var app = Start(["--Consumers=1", "--Heavy=-1", "--Cotyledon:Queues:work:Provider=Nats", "--Cotyledon:Queues:work:Url=nats://127.0.0.1:1"]);
        await app.UntilAsync(() => app.Output.Contains("needs OpenSSL", StringComparison.Ordinal), "the error");
        AssertIsExplained(app, "NATS");
        app.Signal(Linux.Terminate);
        await app.WaitForExitAsync();
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

    private static void AssertIsExplained(TestProgram app, string user) => Assert.That(
        app.Output,
        Does.Match($"{user}.* needs OpenSSL, which is not installed\\. Install libssl3").And.Not.Contain("No usable version of libssl"));

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
