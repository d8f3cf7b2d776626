namespace Cotyledon.Hosting.Channel;

/// <summary>What both sides have to agree on before they can speak.</summary>
internal static class Protocol
{
    /// <summary>
    /// Raised with every change of a frame. A worker that says another number is not used: the program was exchanged on disk
    /// under a running master.
    /// </summary>
    public const ushort Version = 4;

    /// <summary>
    /// Names the worker's end of the channel, a descriptor or on Windows a pipe, and those of the streams beside it:
    /// <c>3,queues=4</c>. The worker removes it.
    /// </summary>
    public const string ChannelVariable = "COTYLEDON_CHANNEL";

    /// <summary>Kind (1 byte) and length of what follows (2 bytes, little-endian).</summary>
    public const int HeaderSize = 3;

    /// <summary>The longest text in a frame, in UTF-16 units; longer ones are cut. At most 3 bytes of UTF-8 each.</summary>
    public const int MaxTextLength = 2000;

    /// <summary>The most bytes of a configuration in one frame.</summary>
    public const int MaxPartSize = 3 * MaxTextLength;

    /// <summary>What stands before those bytes: whether it is the last part, and how many there are.</summary>
    public const int PartHeaderSize = 2 * sizeof(int);

    public const int MaxFrameSize = HeaderSize + 64 + (3 * MaxTextLength);
}
