using System.Text;
using Cotyledon.Hosting.Queues.Extensibility;

namespace Cotyledon.Hosting.Queues.Tests.Storage;

/// <summary>The items that a file store keeps, and their order.</summary>
internal sealed class FileStoreTests : FileStoreFixture
{
    [Test]
    public async Task Items_are_read_in_order_up_to_the_wanted_number()
    {
        var (store, buffer) = await OpenAsync();
        store.Want(3);
        await AppendAsync(store, "a", "b");
        await AppendAsync(store, "c", "d", "e");

        Assert.That(buffer.WaitFor(3).Select(i => i.Id), Is.EqualTo((long[])[1, 2, 3]));
        await AppendAsync(store, "f");
        await store.CountAsync(default);
        await store.CountAsync(default);
        Assert.That(buffer.Texts, Is.EqualTo("a b c"));

        store.Want(10);
        buffer.WaitFor(6);
        Assert.That(buffer.Texts, Is.EqualTo("a b c d e f"));
    }

    [Test]
    public async Task A_long_queue_is_read_in_pages_and_each_item_once()
    {
        const int Count = 4321;
        var (store, buffer) = await OpenAsync();
        await AppendAsync(store, [.. Enumerable.Range(1, Count).Select(i => $"{i}")]);
        store.Want(Count + 5);
        Assert.That(buffer.WaitFor(Count).Select(i => i.Id), Is.EqualTo(Enumerable.Range(1, Count)));

        await AppendAsync(store, "last");
        Assert.That(Encoding.UTF8.GetString(buffer.WaitFor(Count + 1)[^1].Body.Span), Is.EqualTo("last"));
    }

    [Test]
    public async Task Large_and_empty_items_are_read_completely()
    {
        var (store, buffer) = await OpenAsync();
        var large = new byte[3 * 1024 * 1024];
        Random.Shared.NextBytes(large);
        await store.AppendAsync([large, large, large, large, default(ReadOnlyMemory<byte>)], default);
        store.Want(100);

        var items = buffer.WaitFor(5);
        Assert.That(items[3].Body.ToArray(), Is.EqualTo(large));
        Assert.That(items[4].Body.Length, Is.Zero);
    }

    [Test]
    public async Task After_a_restart_items_that_were_not_completed_are_read_with_their_attempts()
    {
        var (store, buffer) = await OpenAsync();
        store.Want(5);
        await AppendAsync(store, "a", "b", "c", "d", "e");
        var items = buffer.WaitFor(5);
        store.Settle(items[0], QueueOutcome.Completed);
        items[1].Attempts = 2;
        store.Settle(items[1], QueueOutcome.Returned);
        store.Settle(items[2], QueueOutcome.Completed);
        store.Settle(items[3], QueueOutcome.Completed);
        await store.DisposeAsync();

        var (again, after) = await OpenAsync();
        again.Want(10);
        Assert.That(after.WaitFor(2).Select(i => (i.Id, i.Attempts)), Is.EqualTo(((long, int)[])[(2, 2), (5, 0)]));
        Assert.That(await again.CountAsync(default), Is.EqualTo(2));

        await AppendAsync(again, "f");
        Assert.That(after.WaitFor(3)[^1].Id, Is.EqualTo(6));
    }

    [Test]
    public async Task Ids_are_not_reused_after_a_restart()
    {
        var (store, buffer) = await OpenAsync();
        store.Want(2);
        await AppendAsync(store, "a", "b");
        buffer.WaitFor(2).ForEach(i => store.Settle(i, QueueOutcome.Completed));
        await store.DisposeAsync();

        var (again, after) = await OpenAsync();
        again.Want(1);
        await AppendAsync(again, "c");
        Assert.That(after.WaitFor(1)[0].Id, Is.EqualTo(3));
    }

    [Test]
    public async Task Added_items_survive_a_kill_of_the_process()
    {
        var (store, _) = await OpenAsync();
        await AppendAsync(store, "a", "b");

        // The files of an open store are what remains after a kill.
        var copy = Directory.CreateDirectory(Path.Combine(Folder, "copy")).FullName;
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(File)!))
        {
            System.IO.File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        var (again, buffer) = await OpenAsync(Path.Combine(copy, "jobs.db"));
        again.Want(2);
        buffer.WaitFor(2);
        Assert.That(buffer.Texts, Is.EqualTo("a b"));
    }

    [Test]
    public async Task Count_excludes_dead_items_and_room_is_announced()
    {
        var (store, buffer) = await OpenAsync();
        store.Want(3);
        await AppendAsync(store, "a", "b", "c");
        Assert.That((store.Count, buffer.RoomCalls), Is.EqualTo((3, 0)));

        var items = buffer.WaitFor(3);
        store.Settle(items[0], QueueOutcome.Completed);
        store.Settle(items[1], QueueOutcome.Dead);
        store.Settle(items[2], QueueOutcome.Returned);
        Assert.That(await store.CountAsync(default), Is.EqualTo(1));
        Assert.That(await store.CountDeadAsync(default), Is.EqualTo(1));
        Assert.That((store.Count, buffer.RoomCalls), Is.EqualTo((1, 1)).Or.EqualTo((1, 2)), "announced once or twice");
    }

    [Test]
    public async Task Dead_items_are_listed_and_retried_at_the_end_of_the_queue_after_a_restart()
    {
        var (store, buffer) = await OpenAsync();
        store.Want(3);
        await AppendAsync(store, "a", "b", "c");
        foreach (var item in buffer.WaitFor(3).Take(2))
        {
            item.Attempts = 10;
            store.Settle(item, QueueOutcome.Dead);
        }

        await store.DisposeAsync();
        var (again, after) = await OpenAsync();
        again.Want(10);
        after.WaitFor(1);
        Assert.That((await again.GetDeadAsync(0, 1, default)).Select(d => (d.Id, d.Attempts)), Is.EqualTo(((long, int)[])[(1, 10)]));
        Assert.That(await again.RetryDeadAsync([2, 1, 3, 99], default), Is.EqualTo(2));

        Assert.That(after.WaitFor(3).Select(i => (i.Id, i.Attempts)), Is.EqualTo(((long, int)[])[(3, 0), (4, 0), (5, 0)]));
        Assert.That(after.Texts, Is.EqualTo("c a b"));
        Assert.That((await again.CountAsync(default), await again.CountDeadAsync(default)), Is.EqualTo((3, 0)));
    }

    [Test]
    public async Task Deleted_dead_items_are_gone_after_a_restart_and_other_items_are_not()
    {
        var (store, buffer) = await OpenAsync();
        store.Want(3);
        await AppendAsync(store, "a", "b", "c");
        foreach (var item in buffer.WaitFor(3).Take(2))
        {
            store.Settle(item, QueueOutcome.Dead);
        }

        Assert.That(await store.DeleteDeadAsync([1, 1, 3, 99, -1], default), Is.EqualTo(1));
        Assert.That((await store.CountAsync(default), await store.CountDeadAsync(default)), Is.EqualTo((1, 1)));
        await store.DisposeAsync();

        var (again, _) = await OpenAsync();
        Assert.That((await again.GetDeadAsync(0, 10, default)).Select(d => d.Id), Is.EqualTo(new[] { 2 }));
        Assert.That(await again.CountAsync(default), Is.EqualTo(1));
        await again.DisposeAsync();
    }

    [Test]
    public async Task Disposal_writes_all_pending_items()
    {
        var (store, _) = await OpenAsync();
        Task[] appends = [.. Enumerable.Range(0, 50).Select(i => AppendAsync(store, $"{i}"))];
        await store.DisposeAsync();
        await Task.WhenAll(appends);

        await Assert.ThrowsAsync<QueueException>(() => AppendAsync(store, "late"));
        var (again, _) = await OpenAsync();
        Assert.That(again.Count, Is.EqualTo(50));
        Assert.That(System.IO.File.Exists(File + "-wal"), Is.True, "the store is open");
        await again.DisposeAsync();
        Assert.That(System.IO.File.Exists(File + "-wal"), Is.False, "a closed store is a single file");
    }

    [Test]
    public async Task A_cancelled_append_is_not_stored()
    {
        var (store, _) = await OpenAsync();
        Assert.That(
            () => store.AppendAsync([new byte[1]], new CancellationToken(canceled: true)), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await store.CountAsync(default), Is.Zero);
    }
}
