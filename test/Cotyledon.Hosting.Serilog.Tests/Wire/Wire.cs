using Cotyledon.Hosting.Serilog.Wire;
using Cotyledon.Hosting.Shared;
using Serilog.Events;

namespace Cotyledon.Hosting.Serilog.Tests.Wire;

/// <summary>The writer and the reader of events, without a stream between them.</summary>
internal sealed class Wire
{
    private readonly TextNumbers _numbers = new();
    private readonly EventWriter _writer = new();
    private readonly EventReader _reader = new(new TemplateCache());

    public int LastSize { get; private set; }

    public LogEvent Pass(LogEvent logEvent, LogIdentity? identity = null)
    {
        var frame = Write(logEvent, identity);
        LastSize = frame.Length;
        return Read(frame);
    }

    public LogEvent Read(ReadOnlySpan<byte> frame) => _reader.Read(new FieldReader(frame[FrameSplitter.HeaderSize..]));

    /// <summary>Writes the frame of an event, and defines its texts in the reader.</summary>
    public byte[] Write(LogEvent logEvent, LogIdentity? identity = null)
    {
        var frame = _writer.Write(logEvent, _numbers, identity).ToArray();
        foreach (var text in _writer.Undefined)
        {
            text.IsDefined = true;
            var define = new FrameWriter().Begin(FrameKind.Define).VarNumber((ulong)text.Number).VarText(text.Text).End();
            _reader.Define(new FieldReader(define[FrameSplitter.HeaderSize..]));
        }

        _writer.Release();
        return frame;
    }
}
