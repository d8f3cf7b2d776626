using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Configuration;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary>Parses the bytes that the master sends, as a worker does.</summary>
internal static class Frames
{
    public static List<Frame> Read(byte[] bytes)
    {
        var (reader, frames) = (new FrameReader(), new List<Frame>());
        for (var rest = bytes.AsSpan(); rest.Length > 0;)
        {
            var free = reader.Free;
            var count = Math.Min(rest.Length, free.Length);
            rest[..count].CopyTo(free);
            reader.Advance(count);
            rest = rest[count..];
            while (reader.TryTake(out var frame))
            {
                frames.Add(frame);
            }
        }

        return frames;
    }

    public static ConfigurationUpdate ToUpdate(byte[] bytes)
    {
        var receiver = new ConfigurationReceiver();
        Read(bytes).ForEach(frame => receiver.Take((Frame.ConfigurationPart)frame));
        return receiver.Updates.Single();
    }
}
