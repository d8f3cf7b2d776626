using System.Diagnostics;

namespace Cotyledon.Hosting.Queues.Nats.Tests;

/// <summary>Waits for a condition, and not for ever.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static Task Is(Func<bool> condition, string what, TimeSpan? limit = null) =>
        Is(() => Task.FromResult(condition()), what, limit);

    public static async Task Is(Func<Task<bool>> condition, string what, TimeSpan? limit = null)
    {
        var begin = Stopwatch.GetTimestamp();
        using var turns = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
        {
            Assert.That(Stopwatch.GetElapsedTime(begin), NUnit.Framework.Is.LessThan(limit ?? Limit), $"It does not come to pass that {what}.");
            await turns.WaitForNextTickAsync();
        }
    }
}
