using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Tests.Supervision;

internal sealed class EarlyExitTests
{
    [Test]
    public void Description_contains_the_exception_and_its_causes_without_the_stack_trace() => Assert.That(
        EarlyExit.Describe(
        [
            "something before",
            "Unhandled exception. System.IO.InvalidDataException: Failed to load 'x.json'.",
            " ---> System.FormatException: Could not parse the JSON file.",
            "   at System.Text.Json",
            " ---> not of this exception",
        ],
        hasExited: true),
        Is.EqualTo(
            "The process exited before it connected to the master: System.IO.InvalidDataException: Failed to load 'x.json'. "
            + "---> System.FormatException: Could not parse the JSON file."));

    [Test]
    public void Without_an_exception_the_description_refers_to_Main() => Assert.That(
        EarlyExit.Describe(["Already running."], hasExited: true),
        Does.StartWith("The process exited before it connected to the master. ").And.Contain("if (!CotyledonHost.IsWorker)"));

    [Test]
    public void Description_of_a_killed_process_has_no_advice_about_the_program()
    {
        var master = new Master(Master.Poller);
        master.Start();

        Assert.That(
            master.Exit(master.Worker(), ExitStatus.Signaled(9)).Exit().Message,
            Is.EqualTo("The process was killed before it connected to the master."));
    }

    [TestCase(0, true)]
    [TestCase(1, false)]
    public void Exit_record_has_the_description_only_if_the_process_sent_no_hello(int hellos, bool isExpected)
    {
        var master = new Master(Master.Poller);
        master.Start();
        for (var i = 0; i < hellos; i++)
        {
            master.Hello(master.Worker());
        }

        var exit = master.Exit(master.Worker(), 0).OfType<SupervisorCommand.RecordExit>().Single().Exit;

        Assert.That(exit.Message?.StartsWith("The process exited", StringComparison.Ordinal), Is.EqualTo(isExpected ? true : (bool?)null));
    }
}
