using System.Runtime.Versioning;

namespace Cotyledon.Hosting.Tests.Control;

/// <summary>The requests for the dead items of queues.</summary>
[Platform(Exclude = "Win")]
[UnsupportedOSPlatform("windows")]
internal sealed class ControlQueueTests : ControlServerFixture
{
    [Test]
    public void Each_call_for_dead_items_has_at_most_100_of_them()
    {
        var queue = new FakeQueue(dead: 250) { DeadCount = 250 };
        Queues.Add(queue);
        using var client = Greeted(Start());
        var ids = string.Join(',', Enumerable.Range(1, 250));
        Assert.That(
            client.Ask($$"""{"do":"queue.retry","queue":"samples","ids":[{{ids}}]}""").GetProperty("result").ToString(),
            Is.EqualTo("""{"count":250}"""));
        Assert.That(
            client.Ask("""{"do":"queue.delete","queue":"samples","all":true}""").GetProperty("result").ToString(),
            Is.EqualTo("""{"count":250}"""));
        Assert.That(queue.Calls.Select(call => call.Split(' ').Length - 1), Is.EqualTo(new[] { 100, 100, 50, 100, 100, 50 }));
    }
}
