using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Web.Passing;

/// <summary>Writes the frames between the master and a worker. <see cref="FrameSplitter"/> and <see cref="FieldReader"/> read them.</summary>
internal static class WebFrame
{
    /// <summary>The largest length of kind and fields. Paths of sockets have at most 108 bytes.</summary>
    public const int MaxLength = 1024;

    public static byte[] Setup(int listenDescriptors) => Write(WebFrameKind.Setup, listenDescriptors);

    public static byte[] Endpoint(int id, string key, string address) =>
        End(Begin(WebFrameKind.Endpoint, MaxLength).Int32(id).Text(key).Text(address));

    public static byte[] Connection(int endpoint, long number) =>
        End(Begin(WebFrameKind.Connection, sizeof(int) + sizeof(long)).Int32(endpoint).Int64(number));

    public static byte[] Count() => End(Begin(WebFrameKind.Count, 0));

    public static byte[] Bound(int endpoint) => Write(WebFrameKind.Bound, endpoint);

    public static byte[] Serving(int workerId) => Write(WebFrameKind.Serving, workerId);

    public static byte[] Accepted(long number) => Write(WebFrameKind.Accepted, number);

    public static byte[] Returned(long number) => Write(WebFrameKind.Returned, number);

    public static byte[] Closed(int count) => Write(WebFrameKind.Closed, count);

    public static byte[] Leaving(bool isFinal) => Write(WebFrameKind.Leaving, isFinal ? 1 : 0);

    public static byte[] Counted(long requests) => Write(WebFrameKind.Counted, requests);

    private static byte[] Write(WebFrameKind kind, int field) => End(Begin(kind, sizeof(int)).Int32(field));

    private static byte[] Write(WebFrameKind kind, long field) => End(Begin(kind, sizeof(long)).Int64(field));

    private static FrameWriter Begin(WebFrameKind kind, int size) => new FrameWriter(FrameSplitter.HeaderSize + size).Begin((byte)kind);

    private static byte[] End(FrameWriter frame)
    {
        frame.End();
        return frame.Detach();
    }
}
