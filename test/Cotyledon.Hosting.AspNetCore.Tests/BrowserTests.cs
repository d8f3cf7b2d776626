using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenQA.Selenium;

namespace Cotyledon.Hosting.AspNetCore.Tests;

/// <summary>The page in a real browser.</summary>
internal sealed class BrowserTests
{
    private const string Script = "<script>window.attacked = true</script><img src=x onerror='window.attacked = true'>";

    private Browser _browser = null!;
    private PageServer _server = null!;

    [OneTimeSetUp]
    public void StartBrowser() => _browser = Browser.Start();

    [OneTimeTearDown]
    public void EndBrowser() => _browser?.Dispose();

    [SetUp]
    public async Task StartServerAsync()
    {
        _server = await PageServer.StartAsync("Development", options: o => o.ActionsPolicy = "everyone");
        _browser.Resize(1280, 900);
        _browser.UseColorScheme("light");
        _browser.Errors();
        _browser.Requests();
    }

    [TearDown]
    public async Task StopServerAsync()
    {
        _browser.Open(new Uri("about:blank"));
        await _server.DisposeAsync();
    }

    [Test]
    public void Page_shows_services_health_queues_and_usage()
    {
        Open();

        Assert.That(_browser.All(".service h3").Select(h => h.Text), Is.EqualTo(["polling", "processing"]));
        Assert.That(_browser.All(".tile"), Has.Count.EqualTo(6));
        _browser.UntilText(".tile", "2.9 MB");
        _browser.UntilText("#queue-list", "2 dead items");
        _browser.UntilText("#summary", "Healthy");
        Assert.That(_browser.Title, Is.EqualTo("✓ Telemetry"));
    }

    [Test]
    public void Page_follows_the_program()
    {
        Open();

        _server.Manager.Health = HealthStatus.Degraded;
        _server.Manager.Services = [Crashed(), FakeManager.Service("processing", 3)];
        _server.Manager.Publish(WorkerEventKind.Exited, FakeManager.Exit("No space left on device"));

        _browser.UntilText("#summary", "Degraded");
        _browser.UntilText(".tile[data-tone=warn]", "Backing off");
        _browser.UntilText("#exit-list", "No space left on device");
        _browser.Until(() => _browser.All(".tile").Count == 5, "the removed worker is still shown");
        Assert.That(_browser.Title, Is.EqualTo("! Telemetry"));
    }

    [Test]
    public void Text_of_workers_is_inert()
    {
        _server.Manager.Services = [FakeManager.Service(Script, 1), Crashed()];
        _server.Manager.Exits = [FakeManager.Exit(Script, Script, "\u001b]52;c;cm0=\u0007 \u001b[31mred", "evil \u202egnp.exe")];
        _server.Manager.ConfigurationErrors = [Script];
        Open();

        _browser.Find("#exit-list summary").Click();
        _browser.UntilText("#exit-list .output", "<script>");
        Assert.That(_browser.Text("#exit-list .output"), Does.Contain(@"\x1b]52;c;cm0=\x07 \x1b[31mred").And.Contain(@"evil \u202egnp.exe"));
        _browser.Find(".tile[data-tone=warn]").Click();
        _browser.UntilText("#drawer", "<script>");

        Assert.That(_browser.Run<bool>("return window.attacked === true"), Is.False);
        Assert.That(_browser.All("main img, main script, dialog script"), Is.Empty);
        Assert.That(_browser.Errors(), Is.Empty);
    }

    [Test]
    public void Page_violates_no_policy_and_requests_nothing_from_elsewhere()
    {
        Open();
        _browser.Find(".tile").Click();
        _browser.Press(Keys.Escape);
        _browser.Find(".dead-button").Click();
        _browser.UntilText("#dead", "m-17");

        Assert.That(_browser.Errors(), Is.Empty);
        Assert.That(_browser.Requests(), Has.Some.EndsWith("/cotyledon/stream").And.All.StartsWith(_server.Address.AbsoluteUri));
    }

    [Test]
    public void Page_can_be_used_with_the_keyboard()
    {
        Open();

        _browser.Run("document.querySelector('.tile').focus()");
        _browser.Press(Keys.ArrowRight);
        Assert.That(_browser.Run<string>("return document.activeElement.ariaLabel"), Does.StartWith("Worker 1, Ready"));
        _browser.Press(Keys.Enter);
        _browser.UntilText("#drawer-title", "polling/1");
        _browser.Press(Keys.ArrowLeft);
        _browser.UntilText("#drawer-title", "polling/0");
        _browser.Press(Keys.Escape);
        _browser.Until(() => !_browser.Run<bool>("return document.getElementById('drawer').open"), "the drawer is still open");

        Assert.That(_browser.Run<string>("return document.activeElement.ariaLabel"), Does.StartWith("Worker 1, Ready"));
    }

    [Test]
    public void Each_tab_stop_shows_the_focus_and_each_button_has_a_name()
    {
        string[] stops =
        [
            "Skip to the services", "Reload configuration", "Shut down", "Scale", "Restart", "Worker 0", "Scale", "Restart", "Worker 0",
            "2 dead items",
        ];
        Open();
        _browser.UntilText("#queue-list", "2 dead items");

        foreach (var stop in stops)
        {
            _browser.Press(Keys.Tab);
            Assert.That(_browser.Run<string>("return document.activeElement.ariaLabel ?? document.activeElement.textContent"), Does.StartWith(stop));
            Assert.That(_browser.Run<string>("return getComputedStyle(document.activeElement).outlineStyle"), Is.Not.EqualTo("none"), stop);
        }

        Assert.That(
            _browser.Run<long>(
                "return [...document.querySelectorAll('button')].filter(b => !(b.ariaLabel ?? b.textContent).trim()).length"), Is.Zero);
    }

    [TestCase(360)]
    [TestCase(768)]
    [TestCase(3840)]
    public void Page_fits_into_the_width(int width)
    {
        _server.Manager.Services = [FakeManager.Service(new string('x', 200), 2), FakeManager.Service("many", 200), Crashed()];
        _server.Manager.Exits = [FakeManager.Exit(new string('y', 500), new string('z', 500))];
        _browser.Resize(width, 800);
        Open();

        _browser.Find("#exit-list summary").Click();
        Assert.That(_browser.Run<long>("return document.documentElement.scrollWidth"), Is.LessThanOrEqualTo(width));
        Assert.That(_browser.All(".cell"), Has.Count.EqualTo(200));
    }

    [Test]
    public void Page_follows_the_color_scheme_of_the_system()
    {
        Open();
        var light = Background();
        _browser.UseColorScheme("dark");

        Assert.That(light, Is.EqualTo("rgb(244, 245, 247)"));
        Assert.That(Background(), Is.EqualTo("rgb(14, 17, 21)"));

        string Background() => _browser.Run<string>("return getComputedStyle(document.body).backgroundColor");
    }

    [Test]
    public async Task Page_says_that_the_program_has_stopped()
    {
        Open();

        await _server.StopAsync();

        _browser.UntilText("#notices", "The program is stopping or has ended");
        _browser.UntilText("#connection", "Reconnecting");
        Assert.That(_browser.Title, Does.EndWith("(disconnected)"));
    }

    [Test]
    public void Hidden_page_closes_the_stream()
    {
        Open();

        SetHidden(true);
        _browser.UntilText("#connection", "Paused");
        SetHidden(false);
        _browser.UntilText("#connection", "Live");

        void SetHidden(bool hidden) => _browser.Run($$"""
            Object.defineProperty(document, 'hidden', { value: {{(hidden ? "true" : "false")}}, configurable: true });
            document.dispatchEvent(new Event('visibilitychange'));
            """);
    }

    [Test]
    public void Kill_needs_the_name_of_the_worker()
    {
        Open();
        _browser.Find(".tile").Click();
        _browser.Button("Kill", "#drawer").Click();

        var confirm = _browser.Button("Kill", "#ask");
        Assert.That(confirm.Enabled, Is.False);
        _browser.Press("polling/1");
        Assert.That(confirm.Enabled, Is.False);
        _browser.Press(Keys.Backspace + "0");
        Assert.That(confirm.Enabled, Is.True);
        confirm.Click();

        _browser.UntilText(".toast", "polling/0: process 4000 killed");
        Assert.That(_server.Manager.Calls, Is.EqualTo(["kill polling 0 1"]));
    }

    [Test]
    public void Scale_to_zero_needs_the_name_of_the_service()
    {
        Open();
        _browser.Button("Scale").Click();
        var number = _browser.Find("#ask-number");
        number.Clear();
        number.SendKeys("3");
        Assert.That(_browser.Button("Scale", "#ask").Enabled, Is.True);

        number.Clear();
        number.SendKeys("0");
        Assert.That(_browser.Button("Scale", "#ask").Enabled, Is.False);
        _browser.Find("#ask-name").SendKeys("polling");
        _browser.Button("Scale", "#ask").Click();

        _browser.UntilText(".toast", "polling: 2 → 0");
        Assert.That(_server.Manager.Calls, Is.EqualTo(["scale polling 0"]));
    }

    [Test]
    public void Shutdown_needs_the_name_of_the_program()
    {
        Open();
        _browser.Button("Shut down").Click();
        Assert.That(_browser.Button("Shut down", "#ask").Enabled, Is.False);
        _browser.Press("Telemetry" + Keys.Enter);

        _browser.UntilText(".toast", "Telemetry is shutting down");
        Assert.That(_server.Manager.Calls, Is.EqualTo(["shutdown 0"]));
    }

    [Test]
    public void Errors_of_actions_are_shown()
    {
        _server.Manager.Failure = new InvalidOperationException("The master is stopping.");
        Open();

        _browser.Button("Reload configuration").Click();

        _browser.UntilText(".toast[data-tone=bad]", "The master is stopping.");
    }

    [Test]
    public void Dead_items_can_be_retried()
    {
        Open();
        _browser.Find(".dead-button").Click();
        _browser.UntilText("#dead", "<b>m-17</b>");
        _browser.Find("#dead button[aria-label='Retry item 17']").Click();

        _browser.UntilText(".toast", "1 item will be delivered again");
        _browser.Until(() => _browser.All(".dead-item").Count == 1, "the item is still shown");
        Assert.That(_server.Queue.Calls, Is.EqualTo(["retry 17"]));
    }

    [Test]
    public async Task Reader_sees_no_actions()
    {
        await using var server = await PageServer.StartAsync("Development");
        _browser.Open(new Uri(server.Address, "/cotyledon/"));
        _browser.Find(".tile").Click();
        _browser.UntilText("#drawer-title", "polling/0");

        string[] actions = ["Scale", "Restart", "Kill", "Reload configuration", "Shut down"];
        Assert.That(_browser.All("button").Where(button => button.Displayed && actions.Contains(button.Text)), Is.Empty);
        Assert.That(_browser.Text("#read-only"), Is.EqualTo("Read-only"));
        _browser.Open(new Uri("about:blank"));
    }

    private static ServiceStatus Crashed() => FakeManager.Service("polling", 2) with
    {
        Ready = 1,
        Workers =
        [
            FakeManager.Worker(0),
            new WorkerStatus { WorkerId = 1, State = WorkerState.BackingOff, Incarnation = 8, Restarts = 7, LastExit = FakeManager.Exit(Script, Script) },
        ],
    };

    private void Open()
    {
        _browser.Open(new Uri(_server.Address, "/cotyledon/"));
        _browser.Find(".tile");
        _browser.UntilText("#connection", "Live");
    }
}
