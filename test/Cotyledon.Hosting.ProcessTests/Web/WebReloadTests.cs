using System.Net;
using System.Net.Sockets;
using Cotyledon.Hosting.Queues.Nats.Tests;
using Cotyledon.Hosting.Web.Tests;

namespace Cotyledon.Hosting.ProcessTests.Web;

/// <summary>Endpoints and certificates that change while the program runs.</summary>
internal sealed class WebReloadTests
{
    [Test]
    public async Task First_endpoint_is_rejected_while_the_program_serves_other_addresses()
    {
        await using var app = WebProgram.StartOnly(TestProgram.Start, "{}", "--urls", "http://127.0.0.1:0");
        await app.WaitForReadyAsync("Web", 0);
        await app.UntilAsync(() => WebProgram.UrlsIn(app.Output).Any(), "the address in the output");
        var address = new IPEndPoint(IPAddress.Loopback, WebProgram.UrlsIn(app.Output).First().Port);
        new Settings(app.Directory).Write($$"""{ "Kestrel": { "Endpoints": { "More": { "Url": "http://127.0.0.1:{{LoopbackPort.Next()}}" } } } }""");
        await app.UntilAsync(() => app.Output.Contains("Kestrel:Endpoints has changed.", StringComparison.Ordinal), "the error");
        Assert.That(WebProgram.WorkerOf(await WebProgram.AskAsync(address)), Is.InRange(0, 1));
        await app.StopAsync();
    }

    [TestCase("127.0.0.1", "*")]
    [TestCase("*", "127.0.0.1")]
    [Category("Long")]
    public async Task Host_of_an_endpoint_is_changed_on_the_same_port(string before, string after)
    {
        var address = new IPEndPoint(IPAddress.Loopback, LoopbackPort.Next());
        await using var app = WebProgram.StartOnly(TestProgram.Start, TextOf(before));
        await UntilReadyAsync(app, incarnation: 1);
        Assert.That(WebProgram.WorkerOf(await WebProgram.AskAsync(address)), Is.InRange(0, 1));
        new Settings(app.Directory).Write(TextOf(after));
        await UntilReadyAsync(app, incarnation: 2);

        // The server of the master changes its endpoints independently of the workers. The second address is served by "*" only.
        var second = new IPEndPoint(IPAddress.Parse("127.0.0.2"), address.Port);
        await app.UntilAsync(
            () => ProcessThatAnswers(address) is { } process && process != app.ProcessId && ProcessThatAnswers(second) is not null == (after == "*"),
            $"the workers serve {after}");
        await app.StopAsync();

        string TextOf(string host) => $$"""{ "Kestrel": { "Endpoints": { "Public": { "Url": "http://{{host}}:{{address.Port}}" } } } }""";
    }

    [Test]
    [Category("Long")]
    public async Task Address_of_workers_becomes_one_of_the_master()
    {
        var (first, second) = (new IPEndPoint(IPAddress.Loopback, LoopbackPort.Next()), new IPEndPoint(IPAddress.Loopback, LoopbackPort.Next()));
        await using var app = WebProgram.StartOnly(TestProgram.Start, TextOf(first, second), "--Cotyledon:Web:MasterEndpoints:0", "Management");
        await UntilReadyAsync(app, incarnation: 1);
        Assert.That(WebProgram.ProcessOf(await WebProgram.AskAsync(first)), Is.Not.EqualTo(app.ProcessId));
        new Settings(app.Directory).Write(TextOf(second, first));
        await UntilReadyAsync(app, incarnation: 2);
        await app.UntilAsync(() => ProcessThatAnswers(first) == app.ProcessId, "an answer of the master");
        Assert.That(WebProgram.ProcessOf(await WebProgram.AskAsync(second)), Is.Not.EqualTo(app.ProcessId));
        await app.StopAsync();

        static string TextOf(IPEndPoint workers, IPEndPoint master) => $$"""
            { "Kestrel": { "Endpoints": { "Management": { "Url": "http://{{master}}" }, "Public": { "Url": "http://{{workers}}" } } } }
            """;
    }

    [Test]
    [Category("Long")]
    public async Task Renewed_certificate_is_served_after_a_rolling_restart_and_the_old_one_until_then()
    {
        const string noticed = "Config changed. Stopping the following endpoints";
        await using var web = await WebProgram.StartAsync(2);
        var old = await web.GetCertificateAsync();
        await using (var load = web.StartLoad(ClientKind.PostHttps))
        {
            web.RenewCertificate();
            await web.App.UntilAsync(() => web.App.Output.Contains(noticed, StringComparison.Ordinal), "the message of the master's server");
            await load.WaitForAsync(100);
            Assert.That(await web.GetCertificateAsync(), Is.EqualTo(old));
            web.App.Signal(Linux.Hangup);
            await web.WaitForReadyAsync(2, incarnation: 2);
            await load.WaitForAsync(100);
            await load.DisposeAsync();
            Assert.That(load.Failures, Is.Empty);
        }

        Assert.That(await web.GetCertificateAsync(), Is.Not.EqualTo(old));
        await web.App.StopAsync();
        Assert.That(web.App.Output.Split(noticed), Has.Length.EqualTo(2), "only the server of the master follows the file");
    }

    /// <summary>Waits for the two workers that the program has by default.</summary>
    private static async Task UntilReadyAsync(TestProgram app, int incarnation)
    {
        await app.WaitForReadyAsync("Web", 0, incarnation);
        await app.WaitForReadyAsync("Web", 1, incarnation);
    }

    private static int? ProcessThatAnswers(IPEndPoint address)
    {
        try
        {
            return WebProgram.ProcessOf(WebProgram.AskAsync(address).GetAwaiter().GetResult());
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return null;
        }
    }
}
