using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenQA.Selenium;

namespace Cotyledon.Hosting.AspNetCore.Tests;

/// <summary>The page in a real browser.</summary>
[Category("Long")]
internal sealed class BrowserTests : BrowserFixture
{
    private const string Script = "<script>window.attacked = true</script><img src=x onerror='window.attacked = true'>";

    [Test]
    public void Page_shows_services_health_queues_and_usage()
    {
        Open();

        Assert.That(Browser.All(".service h3").Select(h => h.Text), Is.EqualTo(["polling", "processing"]));
        Assert.That(Browser.All(".tile"), Has.Count.EqualTo(6));
        Browser.UntilText(".tile", "2.9 MB");
        Browser.UntilText("#queue-list", "2 dead items");
        Browser.UntilText("#summary", "Healthy");
        Assert.That(Browser.Title, Is.EqualTo("✓ Telemetry"));
    }

    [Test]
    public void Page_shows_the_connections_and_requests_of_a_web_application()
    {
        Server.Manager.Connections = 30;
        Open();

        Browser.UntilText(".tile", "30 conn");
        Browser.Find(".tile").Click();
        Browser.UntilText("#drawer .facts", "1,200");
        Assert.That(Browser.Text("#drawer .facts"), Does.Contain("Connections").And.Contain("Requests"));
        Assert.That(Browser.Errors(), Is.Empty);
    }

    [Test]
    public void Page_shows_which_machine_holds_a_worker_id_of_the_cluster()
    {
        var here = FakeManager.Worker(0) with { Holder = new ClusterProgram { Machine = "db1", ProcessId = 4711, IsThis = true } };
        var there = new WorkerStatus { WorkerId = 1, State = WorkerState.Standby, Holder = new ClusterProgram { Machine = "db2 <b>", ProcessId = 77 } };
        var vacant = new WorkerStatus { WorkerId = 2, State = WorkerState.Standby };
        Server.Manager.Services = [FakeManager.Service("billing", 1) with { ConfiguredTarget = 3, ClusterTarget = 3, Workers = [here, there, vacant] }];
        Open();

        Browser.UntilText(".service", "3 workers in the cluster");
        Browser.UntilText(".tile:nth-child(2)", "Held by db2 <b> (pid 77)");
        Browser.UntilText(".tile:nth-child(3)", "Held by no program");
        Assert.That(Browser.All(".service .buttons button").Where(b => b.Displayed).Select(b => b.Text), Is.EqualTo(new[] { "Restart" }));
        Browser.Find(".tile:nth-child(2)").Click();
        Browser.UntilText("#drawer .facts", "Held by db2");
        Assert.That(Browser.Errors(), Is.Empty);
    }

    [Test]
    public void Page_follows_the_program()
    {
        Open();

        Server.Manager.Health = HealthStatus.Degraded;
        Server.Manager.Services = [Crashed(), FakeManager.Service("processing", 3)];
        Server.Manager.Publish(WorkerEventKind.Exited, FakeManager.Exit("No space left on device"));

        Browser.UntilText("#summary", "Degraded");
        Browser.UntilText(".tile[data-tone=warn]", "Backing off");
        Browser.UntilText("#exit-list", "No space left on device");
        Browser.Until(() => Browser.All(".tile").Count == 5, "the removed worker is still shown");
        Assert.That(Browser.Title, Is.EqualTo("! Telemetry"));
    }

    [Test]
    public void Text_of_workers_is_inert()
    {
        Server.Manager.Services = [FakeManager.Service(Script, 1), Crashed()];
        Server.Manager.Exits = [FakeManager.Exit(Script, Script, "\u001b]52;c;cm0=\u0007 \u001b[31mred", "evil \u202egnp.exe")];
        Server.Manager.ConfigurationErrors = [Script];
        Open();

        Browser.Find("#exit-list summary").Click();
        Browser.UntilText("#exit-list .output", "<script>");
        Assert.That(Browser.Text("#exit-list .output"), Does.Contain(@"\x1b]52;c;cm0=\x07 \x1b[31mred").And.Contain(@"evil \u202egnp.exe"));
        Browser.Find(".tile[data-tone=warn]").Click();
        Browser.UntilText("#drawer", "<script>");

        Assert.That(Browser.Run<bool>("return window.attacked === true"), Is.False);
        Assert.That(Browser.All("main img, main script, dialog script"), Is.Empty);
        Assert.That(Browser.Errors(), Is.Empty);
    }

    [Test]
    public void Page_violates_no_policy_and_requests_nothing_from_elsewhere()
    {
        Open();
        Browser.Find(".tile").Click();
        Browser.Press(Keys.Escape);
        Browser.Find(".dead-button").Click();
        Browser.UntilText("#dead", "m-17");

        Assert.That(Browser.Errors(), Is.Empty);
        Assert.That(Browser.Requests(), Has.Some.EndsWith("/cotyledon/stream").And.All.StartsWith(Server.Address.AbsoluteUri));
    }

    [Test]
    public void Page_can_be_used_with_the_keyboard()
    {
        Open();

        Browser.Run("document.querySelector('.tile').focus()");
        Browser.Press(Keys.ArrowRight);
        Assert.That(Browser.Run<string>("return document.activeElement.ariaLabel"), Does.StartWith("Worker 1, Ready"));
        Browser.Press(Keys.Enter);
        Browser.UntilText("#drawer-title", "polling/1");
        Browser.Press(Keys.ArrowLeft);
        Browser.UntilText("#drawer-title", "polling/0");
        Browser.Press(Keys.Escape);
        Browser.Until(() => !Browser.Run<bool>("return document.getElementById('drawer').open"), "the drawer is still open");

        Assert.That(Browser.Run<string>("return document.activeElement.ariaLabel"), Does.StartWith("Worker 1, Ready"));
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
        Browser.UntilText("#queue-list", "2 dead items");

        foreach (var stop in stops)
        {
            Browser.Press(Keys.Tab);
            Assert.That(Browser.Run<string>("return document.activeElement.ariaLabel ?? document.activeElement.textContent"), Does.StartWith(stop));
            Assert.That(Browser.Run<string>("return getComputedStyle(document.activeElement).outlineStyle"), Is.Not.EqualTo("none"), stop);
        }

        Assert.That(
            Browser.Run<long>(
                "return [...document.querySelectorAll('button')].filter(b => !(b.ariaLabel ?? b.textContent).trim()).length"), Is.Zero);
    }

    [TestCase(360)]
    [TestCase(768)]
    [TestCase(3840)]
    public void Page_fits_into_the_width(int width)
    {
        Server.Manager.Services = [FakeManager.Service(new string('x', 200), 2), FakeManager.Service("many", 200), Crashed()];
        Server.Manager.Exits = [FakeManager.Exit(new string('y', 500), new string('z', 500))];
        Browser.Resize(width, 800);
        Open();

        Browser.Find("#exit-list summary").Click();
        Assert.That(Browser.Run<long>("return document.documentElement.scrollWidth"), Is.LessThanOrEqualTo(width));
        Assert.That(Browser.All(".cell"), Has.Count.EqualTo(200));
    }

    [Test]
    public void Page_follows_the_color_scheme_of_the_system()
    {
        Open();
        var light = Background();
        Browser.UseColorScheme("dark");

        Assert.That(light, Is.EqualTo("rgb(244, 245, 247)"));
        Assert.That(Background(), Is.EqualTo("rgb(14, 17, 21)"));

        string Background() => Browser.Run<string>("return getComputedStyle(document.body).backgroundColor");
    }

    [Test]
    public async Task Page_says_that_the_program_has_stopped()
    {
        Open();

        await Server.StopAsync();

        Browser.UntilText("#notices", "The program is stopping or has ended");
        Browser.UntilText("#connection", "Reconnecting");
        Assert.That(Browser.Title, Does.EndWith("(disconnected)"));
    }

    [Test]
    public void Hidden_page_closes_the_stream()
    {
        Open();

        SetHidden(true);
        Browser.UntilText("#connection", "Paused");
        SetHidden(false);
        Browser.UntilText("#connection", "Live");
    }

    [Test]
    public void Kill_needs_the_name_of_the_worker()
    {
        Open();
        Browser.Find(".tile").Click();
        Browser.Button("Kill", "#drawer").Click();

        var confirm = Browser.Button("Kill", "#ask");
        Assert.That(confirm.Enabled, Is.False);
        Browser.Press("polling/1");
        Assert.That(confirm.Enabled, Is.False);
        Browser.Press(Keys.Backspace + "0");
        Assert.That(confirm.Enabled, Is.True);
        confirm.Click();

        Browser.UntilText(".toast", "polling/0: process 4000 killed");
        Assert.That(Server.Manager.Calls, Is.EqualTo(["kill polling 0 1"]));
    }

    [Test]
    public void Scale_to_zero_needs_the_name_of_the_service()
    {
        Open();
        Browser.Button("Scale").Click();
        var number = Browser.Find("#ask-number");
        number.Clear();
        number.SendKeys("3");
        Assert.That(Browser.Button("Scale", "#ask").Enabled, Is.True);

        number.Clear();
        number.SendKeys("0");
        Assert.That(Browser.Button("Scale", "#ask").Enabled, Is.False);
        Browser.Find("#ask-name").SendKeys("polling");
        Browser.Button("Scale", "#ask").Click();

        Browser.UntilText(".toast", "polling: 2 → 0");
        Assert.That(Server.Manager.Calls, Is.EqualTo(["scale polling 0"]));
    }

    [Test]
    public void Shutdown_needs_the_name_of_the_program()
    {
        Open();
        Browser.Button("Shut down").Click();
        Assert.That(Browser.Button("Shut down", "#ask").Enabled, Is.False);
        Browser.Press("Telemetry" + Keys.Enter);

        Browser.UntilText(".toast", "Telemetry is shutting down");
        Assert.That(Server.Manager.Calls, Is.EqualTo(["shutdown 0"]));
    }

    [Test]
    public void Errors_of_actions_are_shown()
    {
        Server.Manager.Failure = new InvalidOperationException("The master is stopping.");
        Open();

        Browser.Button("Reload configuration").Click();

        Browser.UntilText(".toast[data-tone=bad]", "The master is stopping.");
    }

    [Test]
    public void Dead_items_can_be_retried()
    {
        Open();
        Browser.Find(".dead-button").Click();
        Browser.UntilText("#dead", "<b>m-17</b>");
        Browser.Find("#dead button[aria-label='Retry item 17']").Click();

        Browser.UntilText(".toast", "1 item will be delivered again");
        Browser.Until(() => Browser.All(".dead-item").Count == 1, "the item is still shown");
        Assert.That(Server.Queue.Calls, Is.EqualTo(["retry 17"]));
    }

    [Test]
    public async Task Reader_sees_no_actions()
    {
        await using var server = await PageServer.StartAsync("Development");
        Browser.Open(new Uri(server.Address, "/cotyledon/"));
        Browser.Find(".tile").Click();
        Browser.UntilText("#drawer-title", "polling/0");

        string[] actions = ["Scale", "Restart", "Kill", "Reload configuration", "Shut down"];
        Assert.That(Browser.All("button").Where(button => button.Displayed && actions.Contains(button.Text)), Is.Empty);
        Assert.That(Browser.Text("#read-only"), Is.EqualTo("Read-only"));
        Browser.Open(new Uri("about:blank"));
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
}
