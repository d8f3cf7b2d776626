namespace Cotyledon.Hosting.AspNetCore.Tests;

/// <summary>A page stays right when its session ends, when the program restarts, and when its address is not valid.</summary>
[Category("Long")]
internal sealed class OpenPageTests : BrowserFixture
{
    [Test]
    public void Action_that_is_redirected_to_a_login_page_is_shown_as_refused()
    {
        Open();
        Server.IsSessionEnded = true;

        Browser.Button("Reload configuration").Click();

        Browser.UntilText(".toast[data-tone=bad]", "You are not allowed to do this.");
        Assert.That(Server.Manager.Calls, Is.Empty);
    }

    /// <summary>In a container, the process id is the same.</summary>
    [TestCase(4712)]
    [TestCase(4711)]
    public void Events_of_a_program_that_has_restarted_replace_those_before(int processId)
    {
        Server.Manager.Publish(WorkerEventKind.Ready);
        Server.Manager.Publish(WorkerEventKind.Idle);
        Open();
        Browser.Until(() => Browser.All("#event-list li").Count == 2, "the events are not shown");
        SetHidden(true);
        Browser.Until(() => Server.Manager.Watchers == 0, "the program is still observed");

        (Server.Manager.ProcessId, Server.Manager.StartedAt) = (processId, DateTimeOffset.UnixEpoch.AddHours(1));
        Server.Manager.ForgetEvents();
        Server.Manager.Publish(WorkerEventKind.Started);
        SetHidden(false);

        Browser.UntilText(".toast", "Telemetry has restarted");
        Browser.UntilText("#event-list li", "started");
        Assert.That(Browser.All("#event-list li"), Has.Count.EqualTo(1));
    }

    [Test]
    public void Address_that_cannot_be_decoded_does_not_disconnect_the_page()
    {
        // By a script, because Uri would escape the address.
        Browser.Open(new Uri("about:blank"));
        Browser.Run($"location.href = '{Server.Address}cotyledon/#50%/0'");

        Browser.UntilText("#connection", "Live");
        Browser.UntilText(".tile", "2.9 MB");
        Assert.That(Browser.Text("#connection"), Is.EqualTo("Live"));
        Assert.That(Browser.Requests().Count(address => address.EndsWith("/cotyledon/stream", StringComparison.Ordinal)), Is.EqualTo(1));
    }
}
