using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Tests.Supervision;

internal sealed class EarlyExitTests
{
    [Test]
    public void The_exception_and_its_causes_are_told_and_the_stack_is_not() => Assert.That(
        EarlyExit.Describe(
        [
            "something before",
            "Unhandled exception. System.IO.InvalidDataException: Failed to load 'x.json'.",
            " ---> System.FormatException: Could not parse the JSON file.",
            "   at System.Text.Json",
            " ---> not of this exception",
        ]),
        Is.EqualTo(
            "The process exited before it connected to the master: System.IO.InvalidDataException: Failed to load 'x.json'. "
            + "---> System.FormatException: Could not parse the JSON file."));

    [Test]
    public void Without_an_exception_the_advice_is_to_look_at_Main() => Assert.That(
        EarlyExit.Describe(["Already running."]),
        Does.StartWith("The process exited before it connected to the master. ").And.Contain("if (!CotyledonHost.IsWorker)"));

    [TestCase(0, true)]
    [TestCase(1, false)]
    public void It_stands_in_the_record_of_a_process_that_has_not_said_hello(int hellos, bool isExpected)
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
