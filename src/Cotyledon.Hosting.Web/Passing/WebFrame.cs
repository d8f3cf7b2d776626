using System.Buffers.Binary;
using System.Text;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Web.Passing;

/// <summary>Writes the frames between the master and a worker. <see cref="FrameSplitter"/> and <see cref="FieldReader"/> read them.</summary>
internal static class WebFrame
{
    /// <summary>The largest length of kind and fields. Paths of sockets have at most 108 bytes.</summary>
    public const int MaxLength = 1024;

    public static byte[] Setup(int listenDescriptors) => Write(WebFrameKind.Setup, listenDescriptors);

    public static byte[] Endpoint(int id, string key, string address)
    {
        var (keyBytes, addressBytes) = (Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(address));
        var frame = Header(WebFrameKind.Endpoint, (3 * sizeof(int)) + keyBytes.Length + addressBytes.Length, out var fields);
        BinaryPrimitives.WriteInt32LittleEndian(fields, id);
        BinaryPrimitives.WriteInt32LittleEndian(fields[4..], keyBytes.Length);
        keyBytes.CopyTo(fields[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(fields[(8 + keyBytes.Length)..], addressBytes.Length);
        addressBytes.CopyTo(fields[(12 + keyBytes.Length)..]);
        return frame;
    }

    public static byte[] Connection(int endpoint, long number)
    {
        var frame = Header(WebFrameKind.Connection, sizeof(int) + sizeof(long), out var fields);
        BinaryPrimitives.WriteInt32LittleEndian(fields, endpoint);
        BinaryPrimitives.WriteInt64LittleEndian(fields[4..], number);
        return frame;
    }

    public static byte[] Count() => Header(WebFrameKind.Count, 0, out _);

    public static byte[] Bound(int endpoint) => Write(WebFrameKind.Bound, endpoint);

    public static byte[] Serving(int workerId) => Write(WebFrameKind.Serving, workerId);

    public static byte[] Accepted(long number) => Write(WebFrameKind.Accepted, number);

    public static byte[] Returned(long number) => Write(WebFrameKind.Returned, number);

    public static byte[] Closed(int count) => Write(WebFrameKind.Closed, count);

    public static byte[] Leaving(bool isFinal) => Write(WebFrameKind.Leaving, isFinal ? 1 : 0);

    public static byte[] Counted(long requests) => Write(WebFrameKind.Counted, requests);

    private static byte[] Write(WebFrameKind kind, int field)
    {
        var frame = Header(kind, sizeof(int), out var fields);
        BinaryPrimitives.WriteInt32LittleEndian(fields, field);
        return frame;
    }

    private static byte[] Write(WebFrameKind kind, long field)
    {
        var frame = Header(kind, sizeof(long), out var fields);
        BinaryPrimitives.WriteInt64LittleEndian(fields, field);
        return frame;
    }

    private static byte[] Header(WebFrameKind kind, int size, out Span<byte> fields)
    {
        var frame = new byte[FrameSplitter.HeaderSize + size];
        BinaryPrimitives.WriteInt32LittleEndian(frame, size + 1);
        frame[FrameSplitter.LengthSize] = (byte)kind;
        fields = frame.AsSpan(FrameSplitter.HeaderSize);
        return frame;
    }
}
