namespace Cotyledon.Hosting.Web.Tests;

/// <summary>A load balancer with two servers: one starts, takes the new connections, and the other one stops.</summary>
internal sealed class GracefulDrainTests
{
    private static readonly ClientKind[] AllKinds = Enum.GetValues<ClientKind>();

    [TestCase(3)]
    [TestCase(20, Category = "Long")]
    public async Task Drained_server_loses_no_request(int stops)
    {
        var failures = await StopUnderLoadAsync(stops, drain: true, AllKinds);
        Assert.That(failures, Is.Empty);
    }

    [Test]
    public async Task Server_without_drain_loses_requests()
    {
        var failures = await StopUnderLoadAsync(stops: 3, drain: false, AllKinds);
        Assert.That(failures.Where(f => f.StartsWith(nameof(ClientKind.Raw), StringComparison.Ordinal)), Is.Not.Empty);
    }

    private static async Task<IReadOnlyCollection<string>> StopUnderLoadAsync(int stops, bool drain, ClientKind[] kinds)
    {
        var server = await TestServer.StartAsync(drain);
        await using var load = new Load(
            kind => kind is ClientKind.PostHttps or ClientKind.PostHttp2 ? Volatile.Read(ref server).Https : Volatile.Read(ref server).Http, kinds);
        await load.WaitForAsync(100);
        for (var i = 0; i < stops; i++)
        {
            var next = await TestServer.StartAsync(drain);
            var old = Interlocked.Exchange(ref server, next);
            await old.StopAsync();
            await old.DisposeAsync();
            await load.WaitForAsync(100);
        }

        await load.DisposeAsync();
        await server.DisposeAsync();
        TestContext.Out.WriteLine($"{stops} stops, {load.Answers} answers, {load.Failures.Count} failures: {Summary(load.Failures)}");
        return load.Failures;
    }

    private static string Summary(IEnumerable<string> failures) =>
        string.Join("; ", failures.GroupBy(f => f).Select(g => $"{g.Count()} x {g.Key}"));
}
