using Cotyledon.Hosting.Queues.Extensibility;

namespace Cotyledon.Hosting.Queues.Tests.Storage;

/// <summary>A file store that cannot write or read for a while.</summary>
internal sealed class FileStoreFailureTests : FileStoreFixture
{
    [Test]
    public async Task A_full_disk_rejects_new_items_and_old_ones_can_be_completed()
    {
        var (store, buffer) = await OpenAsync();
        store.Want(1);
        await AppendAsync(store, "a");
        var item = buffer.WaitFor(1)[0];
        await ExecuteAsync(store, "PRAGMA max_page_count = 10");

        var full = await Assert.ThrowsAsync<QueueException>(() => AppendAsync(store, "b", new string('x', 100_000)));
        Assert.That(full!.Message, Does.Contain(File).And.Contain("no space left").And.Contain("Free some"));
        Assert.That(store.HealthIssue, Does.Contain("no space left"));
        Assert.That(store.Count, Is.EqualTo(1), "no item of the failed call is stored");

        store.Settle(item, QueueOutcome.Completed);
        Assert.That(await store.CountAsync(default), Is.Zero);
        Assert.That(store.Count, Is.Zero);

        await ExecuteAsync(store, "PRAGMA max_page_count = 1000");
        store.Want(1);
        await AppendAsync(store, "c");
        Assert.That(buffer.WaitFor(2)[1].Id, Is.EqualTo(2));
        Assert.That((store.HealthIssue, buffer.Texts, Log.Names), Is.EqualTo(((string?)null, "a c", "")));
    }

    [Test]
    public async Task Problem_of_a_failed_append_ends_after_a_minute_without_another_append()
    {
        var (store, _) = await OpenAsync();
        await ExecuteAsync(store, "PRAGMA max_page_count = 10");
        Assert.That(() => AppendAsync(store, new string('x', 100_000)), Throws.InstanceOf<QueueException>());

        Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.That(store.HealthIssue, Does.Contain("no space left"));
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(store.HealthIssue, Is.Null);
    }

    [Test]
    public async Task Outcomes_are_kept_while_they_cannot_be_written()
    {
        var (store, buffer) = await OpenAsync();
        store.Want(2);
        await AppendAsync(store, "a", "b");
        var items = buffer.WaitFor(2);
        await ExecuteAsync(store, "PRAGMA query_only = 1");

        store.Settle(items[0], QueueOutcome.Completed);
        Assert.That(await store.CountAsync(default), Is.EqualTo(1), "the item is completed although the file still contains it");
        Assert.That(store.HealthIssue, Does.Contain(File));
        store.Settle(items[1], QueueOutcome.Completed);
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await store.CountAsync(default), Is.Zero);
        Assert.That((store.Count, Log.Names), Is.EqualTo((2, "StoreInTrouble")), "logged once");

        await ExecuteAsync(store, "PRAGMA query_only = 0");
        Assert.That(store.HealthIssue, Is.Not.Null, "the next attempt is not due yet");
        Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.That(await store.CountAsync(default), Is.Zero);
        Assert.That((store.Count, store.HealthIssue), Is.EqualTo((0, (string?)null)));
        Assert.That(Log.Names, Is.EqualTo("StoreInTrouble StoreWorksAgain"));
    }

    [Test]
    public async Task Last_outcome_of_an_item_is_written_after_many_that_could_not_be_written()
    {
        var (store, buffer) = await OpenAsync();
        store.Want(2);
        await AppendAsync(store, "a", "b");
        var items = buffer.WaitFor(2);
        await ExecuteAsync(store, "PRAGMA query_only = 1");
        for (var i = 1; i <= 25_000; i++)
        {
            items[0].Attempts = i;
            store.Settle(items[0], QueueOutcome.Returned);
        }

        store.Settle(items[1], QueueOutcome.Completed);
        Assert.That(await store.CountAsync(default), Is.EqualTo(1));

        await ExecuteAsync(store, "PRAGMA query_only = 0");
        Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.That(await store.CountAsync(default), Is.EqualTo(1));
        Assert.That((store.Count, store.HealthIssue), Is.EqualTo((1, (string?)null)));
    }

    [Test]
    public async Task Items_are_read_when_reading_works_again()
    {
        var (store, buffer) = await OpenAsync();
        await AppendAsync(store, "a");
        await ExecuteAsync(store, "ALTER TABLE items RENAME TO hidden");
        store.Want(1);
        await store.CountAsync(default);
        await store.CountAsync(default);
        Assert.That(store.HealthIssue, Does.Contain(File), "the wanted items are read before the second answer");

        await ExecuteAsync(store, "ALTER TABLE hidden RENAME TO items");
        Clock.Advance(TimeSpan.FromSeconds(1));
        buffer.WaitFor(1);
        await store.CountAsync(default);
        Assert.That((store.HealthIssue, Log.Names), Is.EqualTo(((string?)null, "StoreInTrouble StoreWorksAgain")));
    }
}
