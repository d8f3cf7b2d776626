using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Channel;

/// <summary>The constants of the protocol between master and worker.</summary>
internal static class Protocol
{
    /// <summary>
    /// The version of the protocol, increased with every change of a frame. The master does not use a worker with another version, such as
    /// one that was started after the program on disk had been replaced.
    /// </summary>
    public const ushort Version = 8;

    /// <summary>
    /// The environment variable with the worker's ends of the channel and of the side channels (<c>3,queues=4</c>): file descriptors, or
    /// handles on Windows. In a cluster, <see cref="LeaseName"/> follows. The worker removes the variable.
    /// </summary>
    public const string ChannelVariable = "COTYLEDON_CHANNEL";

    /// <summary>Names the memory with the end of the lease.</summary>
    public const string LeaseName = "lease";

    /// <summary>The longest text in a frame, in UTF-16 units of at most 3 bytes of UTF-8 each. Longer texts are cut.</summary>
    public const int MaxTextLength = 2000;

    /// <summary>The largest part of a configuration in one frame, in bytes.</summary>
    public const int MaxPartSize = 3 * MaxTextLength;

    /// <summary>The size of the fields before such a part: whether it is the last part, and its length.</summary>
    public const int PartHeaderSize = 2 * sizeof(int);

    public const int MaxFrameSize = FrameSplitter.HeaderSize + 64 + (3 * MaxTextLength);
}
