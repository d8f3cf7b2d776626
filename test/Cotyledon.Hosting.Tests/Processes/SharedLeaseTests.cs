using System.Globalization;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Tests.Processes;

internal sealed class SharedLeaseTests
{
    [Test]
    public void Worker_reads_what_the_master_has_written_also_after_the_end_of_the_master()
    {
        var master = SharedLease.Create();
        using var worker = SharedLease.Open(NameFor(master));
        Assert.That(worker.End, Is.Zero);
        master.End = 1;
        Assert.That(worker.End, Is.EqualTo(1));
        master.End = long.MaxValue;
        master.Dispose();
        Assert.That(worker.End, Is.EqualTo(long.MaxValue));
    }

    /// <summary>A worker has a descriptor of its own, which it closes.</summary>
    private static string NameFor(SharedLease lease) => OperatingSystem.IsWindows()
        ? lease.Name
        : Libc.Duplicate(lease.Descriptor, 3).ToString(CultureInfo.InvariantCulture);
}
