using System.Diagnostics;

namespace Cotyledon.Hosting.Queues.Nats.Tests;

/// <summary>Waits for a condition with a time limit.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static Task Is(Func<bool> condition, string description, TimeSpan? limit = null) =>
        Is(() => Task.FromResult(condition()), description, limit);

    public static async Task Is(Func<Task<bool>> condition, string description, TimeSpan? limit = null)
    {
        var begin = Stopwatch.GetTimestamp();
        using var turns = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
        {
            Assert.That(Stopwatch.GetElapsedTime(begin), NUnit.Framework.Is.LessThan(limit ?? Limit), $"Not in time: {description}.");
            await turns.WaitForNextTickAsync();
        }
    }
}
