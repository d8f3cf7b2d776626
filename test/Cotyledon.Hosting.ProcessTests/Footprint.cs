using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The resources that a master holds after a garbage collection.</summary>
internal sealed record Footprint(int Descriptors, int Threads, int InotifyInstances, int PrivateKiB, int ManagedKiB)
{
    public static async Task<Footprint> OfMasterAsync(TestProgram app)
    {
        var before = app.Trace.Count(t => t.Is("collected"));
        app.Command("collect");
        var collected = (await app.WaitForAsync(before + 1, "collected"))[^1];
        return new Footprint(
            Linux.DescriptorsOf(app.ProcessId),
            Linux.ThreadsOf(app.ProcessId),
            Linux.InotifyInstancesOf(app.ProcessId),
            Linux.PrivateMemoryOf(app.ProcessId),
            int.Parse(collected.Detail, CultureInfo.InvariantCulture));
    }

    public void AssertIsNotMoreThan(Footprint before)
    {
        var figures = $"before {before}, after {this}";
        TestContext.Out.WriteLine(figures);
        Assert.Multiple(() =>
        {
            Assert.That(InotifyInstances, Is.EqualTo(before.InotifyInstances), figures);
            Assert.That(Descriptors, Is.LessThanOrEqualTo(before.Descriptors + 4), $"a few files for code loaded late: {figures}");
            Assert.That(Threads, Is.LessThanOrEqualTo(before.Threads + 6), $"the size of the thread pool varies: {figures}");
            Assert.That(ManagedKiB, Is.LessThanOrEqualTo(before.ManagedKiB + 256), figures);
            Assert.That(PrivateKiB, Is.LessThanOrEqualTo(before.PrivateKiB + 8192), $"code that is compiled again: {figures}");
        });
    }
}
