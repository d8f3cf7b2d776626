using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Configuration;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary>Parses the bytes that the master sends, as a worker does.</summary>
internal static class Frames
{
    public static List<Frame> Read(byte[] bytes)
    {
        var frames = new List<Frame>();
        new FrameReader(frames.Add).Feed(bytes);
        return frames;
    }

    public static ConfigurationUpdate ToUpdate(byte[] bytes)
    {
        var receiver = new ConfigurationReceiver();
        Read(bytes).ForEach(frame => receiver.Take((Frame.ConfigurationPart)frame));
        return receiver.Updates.Single();
    }
}
