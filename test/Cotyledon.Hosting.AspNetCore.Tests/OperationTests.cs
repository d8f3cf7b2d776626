namespace Cotyledon.Hosting.AspNetCore.Tests;

/// <summary>Reloads and rolling restarts on the page, the plots, and what a screen reader gets.</summary>
[Category("Long")]
internal sealed class OperationTests : BrowserFixture
{
    [Test]
    public void Rolling_restart_shows_its_progress_and_each_step()
    {
        Open();
        Server.Manager.Operations = [Restart(done: 1)];
        Browser.UntilText("#operations", "Rolling restart of polling");
        Browser.UntilText("#operations", "1 of 2");
        Browser.UntilText("#operations .steps", "polling/0 replaced, #1 → #2");
        var progress = Browser.Find("#operations progress");
        Assert.That(progress.GetDomAttribute("aria-label"), Is.EqualTo("Rolling restart of polling"));
        Assert.That((progress.GetDomAttribute("value"), progress.GetDomAttribute("max")), Is.EqualTo(("1", "2")));

        Server.Manager.Operations = [Completed(new ReloadResult { Outcome = ReloadOutcome.Reloaded })];
        Browser.UntilText("#past", "requested by control uid 0 pid 12");
        Browser.Until(() => !Browser.All("#operations")[0].Displayed, "the restart is still shown as running");
    }

    [Test]
    public void Aborted_restart_shows_its_failures()
    {
        Open();
        Server.Manager.Operations =
        [
            Completed(new ReloadResult { Outcome = ReloadOutcome.Failed, Errors = ["polling: worker 1 exited before it was ready"] }),
        ];
        Browser.UntilText("#past .failures", "worker 1 exited before it was ready");
        Assert.That(Browser.All("#past [data-tone=bad]"), Is.Not.Empty);
    }

    [Test]
    public void Plots_show_the_measurements_and_have_a_name()
    {
        Open();
        Browser.Find(".tile").Click();
        foreach (var name in (string[])["Processor time in the last minutes", "Memory in the last minutes"])
        {
            var plot = $"#drawer svg[aria-label='{name}']";
            Browser.Until(() => Line(plot).Count(c => c is 'M' or 'L') >= 2, $"'{name}' has not two points");
            Assert.That(Browser.All(plot)[0].GetDomAttribute("role"), Is.EqualTo("img"));
        }
    }

    [Test]
    public void Operation_that_the_program_does_not_have_any_more_disappears()
    {
        Open();
        Server.Manager.Operations = [Restart(done: 0)];
        Browser.UntilText("#operations", "Rolling restart of polling");

        Server.Manager.Operations = [];
        Browser.Until(() => !Browser.All("#operations")[0].Displayed, "the operation is still shown as running");
    }

    [Test]
    public void Usage_is_still_shown_after_a_change_of_the_service()
    {
        Open();
        Browser.UntilText(".tile", "2.9 MB");
        Server.Manager.Measured = new TaskCompletionSource().Task;

        Server.Manager.Services = [FakeManager.Service("polling", 3), FakeManager.Service("processing", 4)];
        Browser.Until(() => Browser.All(".tile").Count == 7, "the added worker is not shown");
        Assert.That(Browser.Text(".tile"), Does.Contain("2.9 MB"));
    }

    [Test]
    public void Changes_are_announced_to_a_screen_reader_and_states_differ_in_shape_and_text()
    {
        Open();
        Server.Manager.Operations = [Restart(done: 0)];
        Browser.Until(() => Announced().Contains("Rolling restart of polling has started", StringComparison.Ordinal), "nothing was announced");

        Server.Manager.Services =
        [
            FakeManager.Service("polling", 2) with
            {
                Ready = 1,
                Workers =
                [
                    FakeManager.Worker(0),
                    new WorkerStatus
                    {
                        WorkerId = 1, State = WorkerState.GivenUp, Incarnation = 8, Restarts = 7, LastExit = FakeManager.Exit("No space"),
                    },
                ],
            },
            FakeManager.Service("processing", 4),
        ];
        Browser.UntilText(".tile[data-tone=bad]", "Given up");
        Assert.That(Shapes().Distinct(), Has.Exactly(2).Items, "one shape for each state");
        Assert.That(Browser.All(".tile").Select(t => t.GetDomAttribute("aria-label") ?? t.Text), Has.Exactly(1).Contains("iven up"));
    }

    private static OperationStatus Restart(int done) => new()
    {
        Id = 3,
        Kind = OperationKind.Restart,
        Service = "polling",
        RequestedBy = ["control uid 0 pid 12"],
        RequestedAt = DateTimeOffset.UtcNow,
        Total = 2,
        Done = done,
        Steps =
        [
            .. Enumerable.Range(0, done).Select(id => new OperationStep
            {
                Service = "polling", WorkerId = id, Kind = OperationStepKind.Replaced, OldIncarnation = 1, NewIncarnation = 2,
                Duration = TimeSpan.FromMilliseconds(84),
            }),
        ],
    };

    private static OperationStatus Completed(ReloadResult result) =>
        Restart(done: 2) with { CompletedAt = DateTimeOffset.UtcNow, Result = result };

    private string Line(string plot) => Browser.All($"{plot} .line").Select(l => l.GetDomAttribute("d") ?? "").FirstOrDefault("");

    private IEnumerable<string?> Shapes() => Browser.All(".tile svg.icon use").Select(u => u.GetDomAttribute("href"));

    private string Announced() => string.Join('\n', Browser.All("[aria-live]").Select(e => e.GetDomProperty("textContent")));
}
