using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Channel;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Puts the parts of configuration updates together, in a worker.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A memory stream and an event without a handle have nothing to free.")]
internal sealed class ConfigurationReceiver
{
    private readonly ManualResetEventSlim _hasReceived = new();
    private MemoryStream _parts = new();

    /// <summary>What has arrived and was not taken yet.</summary>
    public ConcurrentQueue<ConfigurationUpdate> Updates { get; } = new();

    /// <summary>Takes one part. Called by one thread only.</summary>
    /// <returns>Whether an update is complete.</returns>
    /// <exception cref="InvalidDataException">It is too large, or cannot be read.</exception>
    public bool Take(Frame.ConfigurationPart part)
    {
        if (_parts.Length + part.Bytes.Length > ConfigurationCodec.MaxSize)
        {
            throw new InvalidDataException("The master has sent a configuration that is too large.");
        }

        _parts.Write(part.Bytes.Span);
        if (!part.IsLast)
        {
            return false;
        }

        Updates.Enqueue(ConfigurationCodec.Decode(_parts.ToArray()));
        _parts = new MemoryStream();
        _hasReceived.Set();
        return true;
    }

    /// <summary>Waits until the first update is there, which the master sends to each process that it starts.</summary>
    /// <returns>Whether it is; a master of another version may send none, and ends this worker at its hello.</returns>
    public bool WaitForFirst(TimeSpan timeout) => _hasReceived.Wait(timeout);
}
