using System.Collections;
using Cotyledon.Hosting.Queues.Delivery;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cotyledon.Hosting.Queues.Tests.Delivery;

/// <summary>Collections that are added with one call.</summary>
internal sealed class EnqueueRangeTests
{
    [TestCase(2)]
    [TestCase(4)]
    public async Task Items_of_a_collection_whose_size_changes_are_added_as_it_yields_them(int size)
    {
        var port = new FakePort();
        var queue = new CotyledonQueue<ReadOnlyMemory<byte>>(
            "bytes", new BytesFormat(), () => port, new CotyledonQueueOptions(), TimeProvider.System, NullLogger.Instance);
        await queue.EnqueueRangeAsync(new ChangingCollection(size));

        Assert.That(port.Added.Select(b => (int)b.Span[0]), Is.EqualTo(Enumerable.Range(1, size)));
    }

    /// <summary>Had three items when it was asked for their number.</summary>
    private sealed class ChangingCollection(int size) : IReadOnlyCollection<ReadOnlyMemory<byte>>
    {
        public int Count => 3;

        public IEnumerator<ReadOnlyMemory<byte>> GetEnumerator()
        {
            for (var i = 1; i <= size; i++)
            {
                yield return new[] { (byte)i };
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
