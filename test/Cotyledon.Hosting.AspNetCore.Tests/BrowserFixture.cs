namespace Cotyledon.Hosting.AspNetCore.Tests;

/// <summary>A browser for all tests of a class, and a program with the page for each test.</summary>
internal abstract class BrowserFixture
{
    protected Browser Browser { get; private set; } = null!;

    protected PageServer Server { get; private set; } = null!;

    [OneTimeSetUp]
    public void StartBrowser() => Browser = Browser.Start();

    [OneTimeTearDown]
    public void EndBrowser() => Browser?.Dispose();

    [SetUp]
    public async Task StartServerAsync()
    {
        Server = await PageServer.StartAsync("Development", options: o => o.ActionsPolicy = "everyone");
        Browser.Resize(1280, 900);
        Browser.UseColorScheme("light");
        Browser.Errors();
        Browser.Requests();
    }

    [TearDown]
    public async Task StopServerAsync()
    {
        Browser.Open(new Uri("about:blank"));
        await Server.DisposeAsync();
    }

    protected void Open()
    {
        Browser.Open(new Uri(Server.Address, "/cotyledon/"));
        Browser.Find(".tile");
        Browser.UntilText("#connection", "Live");
    }

    protected void SetHidden(bool hidden) => Browser.Run($$"""
        Object.defineProperty(document, 'hidden', { value: {{(hidden ? "true" : "false")}}, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
        """);
}
