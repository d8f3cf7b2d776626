using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Worker;

namespace Cotyledon.Hosting.Tests.Worker;

internal sealed class WorkerContextTests
{
    [Test]
    public void The_context_contains_the_values_of_the_assignment()
    {
        var context = new WorkerContext(Assignments.Poller, _ => { }, () => { });

        Assert.That(
            (context.ServiceName, context.WorkerId, context.WorkerCount, context.Incarnation), Is.EqualTo(("Poller", 3, 4, 2)));
    }

    [Test]
    public void WorkerCountChanged_is_raised_once_for_each_new_number()
    {
        var context = new WorkerContext(Assignments.Poller, _ => { }, () => { });
        List<int> raised = [];
        context.WorkerCountChanged += raised.Add;

        foreach (var count in (int[])[5, 5, 2])
        {
            context.SetWorkerCount(count);
            context.RaiseWorkerCountChanged();
        }

        Assert.That(raised, Is.EqualTo(new[] { 5, 2 }));
        Assert.That(context.WorkerCount, Is.EqualTo(2));
    }

    [Test]
    public void WorkerCountChanged_is_raised_only_with_the_latest_number()
    {
        var context = new WorkerContext(Assignments.Poller, _ => { }, () => { });
        List<int> raised = [];
        context.WorkerCountChanged += raised.Add;
        context.SetWorkerCount(5);
        context.SetWorkerCount(2);

        context.RaiseWorkerCountChanged();
        context.RaiseWorkerCountChanged();

        Assert.That(raised, Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public void Repeated_MarkReady_has_no_effect()
    {
        var context = new WorkerContext(Assignments.Poller, _ => { }, () => { });
        Assert.That(context.MarkedReady.IsCompleted, Is.False);

        context.MarkReady();
        context.MarkReady();

        Assert.That(context.MarkedReady.IsCompletedSuccessfully);
    }

    [Test]
    public void Requests_are_sent_to_the_master()
    {
        var sent = new List<Frame>();
        var context = new WorkerContext(Assignments.Poller, sent.Add, () => { });

        context.RequestRestart();
        context.RequestShutdown();
        context.RequestShutdown(255);

        Assert.That(sent, Is.EqualTo(new Frame[] { new Frame.ReplaceMe(), new Frame.ShutDown(0), new Frame.ShutDown(255) }));
    }

    [TestCase(-1)]
    [TestCase(256)]
    public void An_exit_code_out_of_range_is_rejected(int exitCode)
    {
        var context = new WorkerContext(Assignments.Poller, _ => { }, () => { });

        Assert.That(() => context.RequestShutdown(exitCode), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Outside_of_a_worker_the_error_message_names_where_to_inject_the_context()
    {
        Assert.That(
            () => new WorkerContextHolder().Context,
            Throws.InvalidOperationException
                .With.Message.Contains("AddCotyledonWorker").And.Message.Contains("not in the master"));
    }
}
