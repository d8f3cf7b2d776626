using System.Diagnostics;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Tests.Processes;

internal sealed class OwnStatTests
{
    [Test]
    public void The_start_time_equals_the_start_time_from_the_runtime()
    {
        using var process = Process.GetCurrentProcess();
        Assert.That(OwnStat.ProcessStartTime(), Is.EqualTo(process.StartTime.ToUniversalTime()).Within(TimeSpan.FromSeconds(1)));
    }
}
