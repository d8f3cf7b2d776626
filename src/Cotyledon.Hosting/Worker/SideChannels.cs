using System.Collections.Concurrent;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Worker;

/// <summary>The worker's ends of the streams that the master has beside the channel.</summary>
internal static class SideChannels
{
    private static readonly ConcurrentDictionary<string, string> Ends = new();

    /// <summary>Keeps what the master named, as <c>name=end</c>, until somebody wants it.</summary>
    public static void Keep(IEnumerable<string> named)
    {
        foreach (var pair in named)
        {
            var separator = pair.IndexOf('=', StringComparison.Ordinal);
            var end = pair[(separator + 1)..];
            ChannelEnd.KeepFromPrograms(end);
            Ends[pair[..separator]] = end;
        }
    }

    /// <summary>Opens one; the caller owns it.</summary>
    /// <exception cref="InvalidOperationException">The master has no such one, or it was opened before.</exception>
    public static Stream Open(string name) => Ends.TryRemove(name, out var end)
        ? ChannelEnd.OpenStream(end)
        : throw new InvalidOperationException(
            $"This worker's master has no side channel '{name}'. The same arguments and configuration must register the same "
            + "services in master and workers.");
}
