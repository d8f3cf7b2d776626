using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>When and how a request for another number of workers is answered.</summary>
internal sealed class RequestTests
{
    private static readonly CompleteRequest Done = new(1, Error: null, ScaleOutcome.Scaled);

    [Test]
    public void A_scale_up_completes_when_the_last_new_worker_is_ready()
    {
        var master = new Master(Poller).StartAndSettle();

        Assert.That(master.Scale(2, request: 1).Answers(), Is.Empty);
        Assert.That(master.Hello(master.Worker(1)).Answers(), Is.Empty);
        Assert.That(master.Ready(master.Worker(1)).Answers(), Is.EqualTo(new[] { Done }));
    }

    [Test]
    public void A_scale_down_completes_when_the_last_surplus_process_has_exited()
    {
        var master = new Master(Poller with { Workers = 3 }).StartAndSettle();

        master.Scale(1, request: 1);
        Assert.That(master.Exit(master.Worker(1), 0).Answers(), Is.Empty);
        Assert.That(master.Exit(master.Worker(2), 0).Answers(), Is.EqualTo(new[] { Done }));
    }

    [Test]
    public void A_request_for_the_current_number_completes_at_once()
    {
        var master = new Master(Poller).StartAndSettle();

        Assert.That(master.Scale(1, request: 1).Answers(), Is.EqualTo(new[] { Done }));
    }

    [Test]
    public void A_superseded_request_completes_with_the_latest_one()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Scale(3, request: 1);
        master.Scale(1, request: 2);

        master.Settle();

        Assert.That(master.Commands.Answers(), Is.EqualTo(new[]
        {
            new CompleteRequest(1, "A later change has set the number of workers of 'Poller' to 1.", ScaleOutcome.Superseded),
            new CompleteRequest(2, null, ScaleOutcome.Scaled),
        }));
    }

    [Test]
    public void A_reset_is_superseded_by_another_configured_number()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Scale(3);
        master.Settle();
        master.Send(new SupervisorMessage.ScaleRequested("Poller", null, Request: 1));
        master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Poller with { Workers = 2 }]));

        master.Settle();

        Assert.That(master.AllCommands.Answers().Single().Outcome, Is.EqualTo(ScaleOutcome.Superseded));
    }

    [Test]
    public void Requests_of_different_services_do_not_wait_for_each_other()
    {
        var master = new Master(Poller, Sender).StartAndSettle();
        master.Scale(2, request: 1);
        master.Scale(2, request: 2, service: 1);

        master.Hello(master.Worker(1));

        Assert.That(master.Ready(master.Worker(1)).Answers(), Is.EqualTo(new[] { Done }));
    }

    [Test]
    public void A_crash_delays_the_completion_of_a_pending_request()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Scale(2, request: 1);
        master.Exit(master.Worker(0), 2);

        master.Hello(master.Worker(1));
        Assert.That(master.Ready(master.Worker(1)).Answers(), Is.Empty);
        master.Hello(master.Worker(0));
        Assert.That(master.Ready(master.Worker(0)).Answers(), Is.EqualTo(new[] { Done }));
    }

    [Test]
    public void A_given_up_slot_fails_the_request_when_the_other_workers_are_ready()
    {
        var master = new Master(Poller with { MaxRestarts = 1 }).StartAndSettle();
        master.Scale(3, request: 1);
        master.Exit(master.Worker(2), 134);
        master.Advance(Seconds(1));
        master.Exit(master.Worker(2), 134);
        Assert.That(master.Commands.Answers(), Is.Empty);

        master.Hello(master.Worker(1));
        master.Ready(master.Worker(1));
        var answer = master.Commands.Answers().Single();
        Assert.That(answer.Error, Does.Contain("1 of 3 workers of 'Poller'"));
        Assert.That(answer.Outcome, Is.EqualTo(ScaleOutcome.Failed));
    }

    [Test]
    public void A_stop_fails_pending_requests()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Scale(2, request: 1);

        Assert.That(master.Stop().Answers().Single().Error, Does.Contain("stopping"));
    }

    [Test]
    public void A_fast_stop_fails_pending_requests()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Scale(2, request: 1);

        Assert.That(master.FastStop().Answers().Single().Error, Does.Contain("stopping"));
    }

    [Test]
    public void A_request_before_the_start_fails_at_once()
    {
        var master = new Master(Poller);

        var answer = master.Scale(2, request: 1).Answers().Single();
        Assert.That((answer.Error, answer.Outcome), Is.EqualTo(("The supervisor has not started yet; wait until the host has started.", (ScaleOutcome?)null)));
        master.StartAndSettle();
        Assert.That(master.HeldSlots(), Is.EqualTo(new[] { 0 }));
    }

    [TestCase("terminating")]
    [TestCase("stopping")]
    [TestCase("stopped")]
    public void A_request_after_the_stop_fails_at_once(string phase)
    {
        var master = new Master(Poller).StartAndSettle();
        master.Stop();
        if (phase != "terminating")
        {
            master.HooksCompleted();
        }

        if (phase == "stopped")
        {
            master.Settle();
        }

        var answer = master.Scale(2, request: 1).Answers().Single();
        Assert.That((answer.Error, answer.Outcome), Is.EqualTo(("The supervisor is stopping.", ScaleOutcome.Failed)));
        Assert.That(master.Service.Target, Is.EqualTo(1));
    }

    [Test]
    public void An_abandoned_request_is_forgotten_and_its_change_goes_on()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Scale(2, request: 1);
        master.Scale(2, request: 2);

        Assert.That(master.Send(new SupervisorMessage.ScaleAbandoned("Poller", 1)), Is.Empty);
        Assert.That(master.Service.ScaleRequests.Select(r => r.Request), Is.EqualTo(new[] { 2 }));
        master.Settle();

        Assert.That(master.AllCommands.Answers().Select(a => a.Request), Is.EqualTo(new[] { 2 }));
        Assert.That(master.HeldSlots(), Is.EqualTo(new[] { 0, 1 }));
        Assert.That(master.Send(new SupervisorMessage.ScaleAbandoned("Poller", 2)), Is.Empty, "it was answered meanwhile");
    }

    [Test]
    public void A_scale_without_a_request_id_is_not_answered()
    {
        var master = new Master(Poller).StartAndSettle();

        master.Scale(2);
        master.Settle();
        Assert.That(master.HeldSlots(), Is.EqualTo(new[] { 0, 1 }));

        master.Stop();
        Assert.That(master.Scale(3), Is.Empty);
    }
}
