using System.Collections.Concurrent;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Worker;

/// <summary>The worker's ends of the side channels.</summary>
internal static class SideChannels
{
    private static readonly ConcurrentDictionary<string, string> Ends = new();

    /// <summary>Keeps the ends that the master has named, in the form <c>name=end</c>, until they are opened.</summary>
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

    /// <summary>Opens a side channel. The caller owns the stream.</summary>
    /// <exception cref="InvalidOperationException">The master has no such side channel, or it was opened before.</exception>
    public static Stream Open(string name) => Ends.TryRemove(name, out var end)
        ? ChannelEnd.OpenStream(end)
        : throw new InvalidOperationException(
            $"The master has no side channel '{name}' for this worker, or it was opened before. Program.cs must register the same services "
            + "in master and workers.");
}
