using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Worker;

namespace Cotyledon.Hosting.Tests.Worker;

internal sealed class WorkerContextTests
{
    [Test]
    public void It_says_what_the_master_said()
    {
        var context = new WorkerContext(Assignments.Poller, _ => { }, () => { });

        Assert.That(
            (context.ServiceName, context.WorkerId, context.WorkerCount, context.Incarnation), Is.EqualTo(("Poller", 3, 4, 2)));
    }

    [Test]
    public void A_new_number_of_workers_is_told_once_each()
    {
        var context = new WorkerContext(Assignments.Poller, _ => { }, () => { });
        List<int> told = [];
        context.WorkerCountChanged += told.Add;

        foreach (var count in (int[])[5, 5, 2])
        {
            context.SetWorkerCount(count);
            context.RaiseWorkerCountChanged();
        }

        Assert.That(told, Is.EqualTo(new[] { 5, 2 }));
        Assert.That(context.WorkerCount, Is.EqualTo(2));
    }

    [Test]
    public void Calls_that_run_in_another_order_than_they_were_started_tell_the_last_number_last()
    {
        var context = new WorkerContext(Assignments.Poller, _ => { }, () => { });
        List<int> told = [];
        context.WorkerCountChanged += told.Add;
        context.SetWorkerCount(5);
        context.SetWorkerCount(2);

        context.RaiseWorkerCountChanged();
        context.RaiseWorkerCountChanged();

        Assert.That(told, Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public void Marking_ready_twice_does_no_harm()
    {
        var context = new WorkerContext(Assignments.Poller, _ => { }, () => { });
        Assert.That(context.MarkedReady.IsCompleted, Is.False);

        context.MarkReady();
        context.MarkReady();

        Assert.That(context.MarkedReady.IsCompletedSuccessfully);
    }

    [Test]
    public void Requests_are_passed_on_to_the_master()
    {
        var said = new List<Frame>();
        var context = new WorkerContext(Assignments.Poller, said.Add, () => { });

        context.RequestRestart();
        context.RequestShutdown();
        context.RequestShutdown(255);

        Assert.That(said, Is.EqualTo(new Frame[] { new Frame.ReplaceMe(), new Frame.ShutDown(0), new Frame.ShutDown(255) }));
    }

    [TestCase(-1)]
    [TestCase(256)]
    public void An_exit_code_that_no_platform_can_report_is_refused(int exitCode)
    {
        var context = new WorkerContext(Assignments.Poller, _ => { }, () => { });

        Assert.That(() => context.RequestShutdown(exitCode), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Outside_of_a_worker_the_message_says_where_to_inject_it()
    {
        Assert.That(
            () => new WorkerContextHolder().Context,
            Throws.InvalidOperationException
                .With.Message.Contains("AddCotyledonWorker").And.Message.Contains("not in the master"));
    }
}
