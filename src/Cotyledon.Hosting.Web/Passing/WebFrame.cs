using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Web.Passing;

/// <summary>Writes the frames between the master and a worker. <see cref="FrameSplitter"/> and <see cref="FieldReader"/> read them.</summary>
internal static class WebFrame
{
    /// <summary>The largest length of kind and fields. Paths of sockets have at most 108 bytes.</summary>
    public const int MaxLength = 1024;

    private const int UsualSize = 32;

    public static byte[] Setup(int listenDescriptors) => Write(WebFrameKind.Setup, listenDescriptors);

    public static byte[] Endpoint(int id, string key, string address) => Begin(WebFrameKind.Endpoint).Int32(id).Text(key).Text(address).End().ToArray();

    public static byte[] Connection(int endpoint, long number) => Begin(WebFrameKind.Connection).Int32(endpoint).Int64(number).End().ToArray();

    public static byte[] Count() => Begin(WebFrameKind.Count).End().ToArray();

    public static byte[] Bound(int endpoint) => Write(WebFrameKind.Bound, endpoint);

    public static byte[] Serving(int workerId) => Write(WebFrameKind.Serving, workerId);

    public static byte[] Accepted(long number) => Write(WebFrameKind.Accepted, number);

    public static byte[] Returned(long number) => Write(WebFrameKind.Returned, number);

    public static byte[] Closed(int count) => Write(WebFrameKind.Closed, count);

    public static byte[] Leaving(bool isFinal) => Write(WebFrameKind.Leaving, isFinal ? 1 : 0);

    public static byte[] Counted(long requests) => Write(WebFrameKind.Counted, requests);

    private static byte[] Write(WebFrameKind kind, int field) => Begin(kind).Int32(field).End().ToArray();

    private static byte[] Write(WebFrameKind kind, long field) => Begin(kind).Int64(field).End().ToArray();

    private static FrameWriter Begin(WebFrameKind kind) => new FrameWriter(UsualSize).Begin((byte)kind);
}
