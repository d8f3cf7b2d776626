using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The resources that a master holds after a garbage collection.</summary>
internal sealed record Footprint(int Descriptors, int Threads, int InotifyInstances, int PrivateKiB, int ManagedKiB)
{
    /// <summary>Files for code that is loaded late.</summary>
    private const int CodeLoadedLate = 4;

    private const int UnchangedReads = 50;

    public static async Task<Footprint> OfMasterAsync(TestProgram app)
    {
        await UntilDescriptorsAreStableAsync(app);
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
            Assert.That(Descriptors, Is.LessThanOrEqualTo(before.Descriptors + CodeLoadedLate), figures);
            Assert.That(Threads, Is.LessThanOrEqualTo(before.Threads + 6), $"the size of the thread pool varies: {figures}");
            Assert.That(ManagedKiB, Is.LessThanOrEqualTo(before.ManagedKiB + 256), figures);
            Assert.That(PrivateKiB, Is.LessThanOrEqualTo(before.PrivateKiB + 8192), $"code that is compiled again: {figures}");
        });
    }

    /// <summary>The master closes the descriptors of a process that has exited a moment after its successor is ready.</summary>
    private static async Task UntilDescriptorsAreStableAsync(TestProgram app)
    {
        var (last, unchanged) = (0, 0);
        await app.UntilAsync(
            () =>
            {
                var present = Linux.DescriptorsOf(app.ProcessId);
                (last, unchanged) = (present, present == last ? unchanged + 1 : 0);
                return unchanged == UnchangedReads;
            },
            "a stable number of descriptors");
    }
}
