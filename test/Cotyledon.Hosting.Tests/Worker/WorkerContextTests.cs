using Cotyledon.Hosting.Worker;

namespace Cotyledon.Hosting.Tests.Worker;

internal sealed class WorkerContextTests
{
    [Test]
    public void It_says_what_the_master_said()
    {
        var context = new WorkerContext(Assignments.Poller, () => { }, () => { });

        Assert.That(
            (context.ServiceName, context.WorkerId, context.WorkerCount, context.Incarnation), Is.EqualTo(("Poller", 3, 4, 2)));
    }

    [Test]
    public void A_new_number_of_workers_is_told_once_each()
    {
        var context = new WorkerContext(Assignments.Poller, () => { }, () => { });
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
        var context = new WorkerContext(Assignments.Poller, () => { }, () => { });
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
        var context = new WorkerContext(Assignments.Poller, () => { }, () => { });
        Assert.That(context.MarkedReady.IsCompleted, Is.False);

        context.MarkReady();
        context.MarkReady();

        Assert.That(context.MarkedReady.IsCompletedSuccessfully);
    }

    [Test]
    public void A_request_for_a_restart_is_passed_on()
    {
        var requests = 0;

        new WorkerContext(Assignments.Poller, () => requests++, () => { }).RequestRestart();

        Assert.That(requests, Is.EqualTo(1));
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
