using Cotyledon.Hosting.Queues.Storage;

namespace Cotyledon.Hosting.Queues.Tests.Storage;

internal sealed class IdRunsTests
{
    [TestCase("", "")]
    [TestCase("5", "5-5")]
    [TestCase("3 1 2", "1-3")]
    [TestCase("1 2 4 6 7", "1-2 4-4 6-7")]
    [TestCase("1 1 2", "1-2")]
    public void Ids_without_gaps_are_one_range(string ids, string runs) => Assert.That(
        string.Join(' ', IdRuns.Of([.. ids.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)])
            .Select(r => $"{r.First}-{r.Last}")),
        Is.EqualTo(runs));
}
