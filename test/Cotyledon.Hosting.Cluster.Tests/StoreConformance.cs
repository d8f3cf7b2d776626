using System.Collections.Concurrent;
using Cotyledon.Hosting.Extensibility;

namespace Cotyledon.Hosting.Cluster.Tests;

/// <summary>What each cluster store must do. A fixture for a store derives from it.</summary>
internal abstract class StoreConformance
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private string _prefix = "";

    /// <summary>Returns a store that is connected to the same records as all others of the fixture.</summary>
    protected abstract IClusterStore Connect();

    [SetUp]
    public void UseOwnKeys() => _prefix = $"{TestContext.CurrentContext.Test.ID}/";

    [Test]
    public void Record_is_created_replaced_and_deleted_and_each_revision_is_higher_than_the_one_before()
    {
        var store = Connect();
        var created = Write(store, "a", "1", 0);
        Assert.That(Read(store).Single(), Is.EqualTo(new ClusterRecord { Key = _prefix + "a", Value = "1", Revision = created!.Value }));

        var replaced = Write(store, "a", "2", created.Value);
        Assert.That(replaced, Is.GreaterThan(created));
        Assert.That(Read(store).Single(), Is.EqualTo(new ClusterRecord { Key = _prefix + "a", Value = "2", Revision = replaced!.Value }));

        Assert.That(Write(store, "a", null, replaced.Value), Is.Not.Null);
        Assert.That(Read(store), Is.Empty);

        Assert.That(Write(store, "a", "3", 0), Is.GreaterThan(replaced));
    }

    [Test]
    public void Write_with_another_revision_changes_nothing()
    {
        var store = Connect();
        var revision = Write(store, "a", "1", 0)!.Value;
        Assert.That(Write(store, "a", "2", 0), Is.Null);
        Assert.That(Write(store, "a", "2", revision + 1), Is.Null);
        Assert.That(Write(store, "a", null, revision + 1), Is.Null);
        Assert.That(Write(store, "b", "2", revision), Is.Null);
        Assert.That(Write(store, "b", null, revision), Is.Null);
        Assert.That(Read(store).Single().Value, Is.EqualTo("1"));
    }

    [Test]
    public void Read_returns_the_records_with_the_prefix_only()
    {
        var store = Connect();
        Write(store, "roster/x", "1", 0);
        Write(store, "roster/%_y", "2", 0);
        Write(store, "pulse/z", "3", 0);
        Assert.That(store.Read([_prefix + "roster/"], Timeout).Select(r => r.Value), Is.EquivalentTo(new[] { "1", "2" }));
        Assert.That(store.Read([_prefix + "roster/%"], Timeout).Select(r => r.Value), Is.EquivalentTo(new[] { "2" }));
        Assert.That(store.Read([_prefix + "other/"], Timeout), Is.Empty);
        Assert.That(
            store.Read([_prefix + "roster/%", _prefix + "pulse/", _prefix + "other/"], Timeout).Select(r => r.Value),
            Is.EquivalentTo(new[] { "2", "3" }));
    }

    [Test]
    public void Write_with_a_read_does_what_a_write_does_and_may_return_the_records_before_or_after_it()
    {
        var store = Connect();
        var longText = new string('x', 5000);
        var other = Write(store, "roster/a", longText, 0)!.Value;
        var created = WriteAndRead("pulse/b", "1", 0);
        Assert.That(created, Is.Not.Null);
        var replaced = WriteAndRead("pulse/b", "2", created!.Value);
        Assert.That(replaced, Is.GreaterThan(created));
        Assert.That(WriteAndRead("pulse/b", "3", created.Value), Is.Null);
        Assert.That(WriteAndRead("pulse/b", "3", 0), Is.Null);
        Assert.That(Read(store).Select(r => r.Value), Is.EquivalentTo(new[] { longText, "2" }));

        // Also if the store has kept the long text.
        longText = new string('y', 5000);
        var changed = Write(store, "roster/a", longText, other)!.Value;
        Assert.That(WriteAndRead("pulse/b", null, replaced!.Value), Is.Not.Null);
        Assert.That(Read(store), Is.EqualTo(new[] { new ClusterRecord { Key = _prefix + "roster/a", Value = longText, Revision = changed } }));

        long? WriteAndRead(string key, string? value, long revision)
        {
            var before = Read(store);
            var result = store.TryWriteAndRead(
                new ClusterWrite { Key = _prefix + key, Value = value, ExpectedRevision = revision, IsAnnounced = revision > 0 },
                [_prefix + "roster/", _prefix + "pulse/"],
                Timeout);
            if (result.Records is { } records)
            {
                Assert.That(records, Is.EquivalentTo(before).Or.EquivalentTo(Read(store)));
            }

            return result.Revision;
        }
    }

    [TestCase("Invoices: ü日\u200d ✓ 'x' \"y\" \\ %20 / * > .")]
    [TestCase(" a b ")]
    [TestCase("..")]
    public void Keys_and_values_are_any_text(string text)
    {
        var store = Connect();
        Assert.That(Write(store, text, text, 0), Is.Not.Null);
        Assert.That(Read(store).Select(r => (r.Key, r.Value)), Is.EqualTo(new[] { (_prefix + text, text) }));
    }

    [Test]
    public void Value_of_half_a_mebibyte_is_kept()
    {
        var store = Connect();
        var value = string.Concat(Enumerable.Repeat("0123456789abcdef", 32 * 1024));
        Write(store, "a", value, 0);
        Assert.That(Read(store).Single().Value, Is.EqualTo(value));
    }

    [TestCase(0)]
    [TestCase(1)]
    public async Task Of_concurrent_writes_that_expect_the_same_revision_exactly_one_succeeds(int existing)
    {
        const int rounds = 50, writers = 8;
        IClusterStore[] stores = [.. Enumerable.Range(0, writers).Select(_ => Connect())];
        for (var round = 0; round < rounds; round++)
        {
            var key = $"{round}";
            var expected = existing == 0 ? 0 : Write(stores[0], key, "old", 0)!.Value;
            using var start = new Barrier(writers);
            var results = await Task.WhenAll(stores.Select((store, i) => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    return Write(store, key, $"{i}", expected);
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)));
            var winner = Array.FindIndex(results, r => r is not null);
            Assert.That(results.Count(r => r is not null), Is.EqualTo(1));
            var record = store(stores, key);
            Assert.That((record.Value, record.Revision), Is.EqualTo(($"{winner}", results[winner])));
        }

        ClusterRecord store(IClusterStore[] all, string key) => Read(all[^1]).Single(r => r.Key == _prefix + key);
    }

    [Test]
    public async Task Announced_writes_of_others_are_noticed_until_the_wait_is_cancelled([Values] bool reads)
    {
        var (watching, writing) = (Connect(), Connect());
        using var ending = new CancellationTokenSource();
        using var hints = new BlockingCollection<bool>();
        var watch = Task.Factory.StartNew(
            () => watching.Watch(_prefix, () => hints.Add(true), ending.Token),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

        // The wait may begin after a write, so writes are repeated.
        var revision = 0L;
        bool isNoticed;
        do
        {
            var write = new ClusterWrite { Key = _prefix + "a", Value = "1", ExpectedRevision = revision, IsAnnounced = true };
            revision = (reads ? writing.TryWriteAndRead(write, [_prefix], Timeout).Revision : writing.TryWrite(write, Timeout))!.Value;
            isNoticed = hints.TryTake(out _, TimeSpan.FromMilliseconds(500));
        }
        while (!isNoticed && !watch.IsCompleted);

        await ending.CancelAsync();
        await watch.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(isNoticed);
    }

    private IReadOnlyList<ClusterRecord> Read(IClusterStore store) => store.Read([_prefix], Timeout);

    private long? Write(IClusterStore store, string key, string? value, long revision) =>
        store.TryWrite(new ClusterWrite { Key = _prefix + key, Value = value, ExpectedRevision = revision }, Timeout);
}
