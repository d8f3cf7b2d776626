using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Channel;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Assembles configuration updates from their parts, in a worker.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A memory stream and an event without a handle have nothing to free.")]
internal sealed class ConfigurationReceiver
{
    private readonly ManualResetEventSlim _hasReceived = new(initialState: false, spinCount: 0);
    private MemoryStream _parts = new();

    public ConcurrentQueue<ConfigurationUpdate> Updates { get; } = new();

    /// <summary>Adds one part. Called by one thread only.</summary>
    /// <returns>Whether the part completes an update.</returns>
    /// <exception cref="InvalidDataException">The update is too large or invalid.</exception>
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

    /// <summary>Waits for the first update, which the master sends to each process that it starts.</summary>
    /// <returns>Whether it was received. A master of another version may send none, and kills this worker after its hello.</returns>
    public bool WaitForFirst(TimeSpan timeout) => _hasReceived.Wait(timeout);
}
