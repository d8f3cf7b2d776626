using Cotyledon.Hosting.Master;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Tests.Master;

internal sealed class WorkerLogTests
{
    private readonly TestLogger _logger = new();

    [Test]
    public void Control_characters_in_text_of_a_worker_are_escaped()
    {
        WorkerLog.Write(_logger, Exits.Faulted with
        {
            Message = "bad\ncrit: Cotyledon.Hosting[9]\r\n      forged\u001b[1A",
            StandardErrorTail = ["first\u001b[2J", "second\rforged", "third\tcolumn"],
        });

        Assert.That(_logger.Lines.Single().Message.Split(Environment.NewLine), Is.EqualTo(new[]
        {
            "Poller(3) [812] failed (exit code 2) after 5.0 s; replaced at once. "
                + "bad\\ncrit: Cotyledon.Hosting[9]\\r\\n      forged\\x1b[1A",
            "    first\\x1b[2J",
            "    second\\rforged",
            "    third column",
        }));
    }

    [TestCase(WorkerEventKind.Killed)]
    [TestCase(WorkerEventKind.Stopping)]
    public void Details_of_an_event_are_escaped_too(WorkerEventKind kind)
    {
        WorkerLog.Write(_logger, new SupervisorCommand.Publish(kind, new WorkerIdentity("Poller", 3, 2, 812), "threads: a\nb\u001b[2J"));

        Assert.That(_logger.Lines.Single().Message, Is.EqualTo("Poller(3) [812] threads: a\\nb\\x1b[2J"));
    }
}
