using System.Diagnostics;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Tests.Processes;

internal sealed class ProcessSnapshotTests
{
    [Test]
    [Platform("Linux")]
    public void A_process_that_exits_meanwhile_causes_no_exception()
    {
        for (var i = 0; i < 50; i++)
        {
            using var process = Process.Start("/bin/true");
            while (ProcessSnapshot.Take(process.Id).Length > 0 && !process.HasExited)
            {
                // Until it is gone: one of these reads begins before the exit and ends after it.
            }
        }
    }

    [Test]
    [Platform("Linux")]
    public void The_state_and_the_threads_of_a_process_are_described() =>
        Assert.That(ProcessSnapshot.Take(Environment.ProcessId), Does.Match(@"^The process is \w+; \d+ threads: .+\.$"));
}
