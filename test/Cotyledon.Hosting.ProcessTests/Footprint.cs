using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The resources that a master holds after a garbage collection.</summary>
internal sealed record Footprint(int Descriptors, int Threads, int InotifyInstances, int PrivateKiB, int ManagedKiB)
{
    /// <summary>Files for code that is loaded late.</summary>
    private const int CodeLoadedLate = 4;

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

    /// <summary>Asserts that the master holds no more resources than before.</summary>
    /// <remarks>The master closes the descriptors of a process that has exited a moment after its successor is ready.</remarks>
    public static async Task AssertIsNotMoreThanAsync(TestProgram app, Footprint before)
    {
        await app.UntilAsync(
            () => Linux.DescriptorsOf(app.ProcessId) <= before.Descriptors + CodeLoadedLate,
            $"no more descriptors than {before.Descriptors + CodeLoadedLate}");
        (await OfMasterAsync(app)).AssertIsNotMoreThan(before);
    }

    private void AssertIsNotMoreThan(Footprint before)
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
}
