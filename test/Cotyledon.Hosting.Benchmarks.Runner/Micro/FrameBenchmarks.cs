using BenchmarkDotNet.Attributes;
using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Benchmarks.Runner.Micro;

/// <summary>Encoding of frames, and decoding of the bytes of a channel.</summary>
public class FrameBenchmarks
{
    private readonly FrameWriter _frames = new();
    private readonly FrameReader _reader;
    private Frame _frame = null!;
    private Frame? _last;
    private byte[] _bytes = [];

    public FrameBenchmarks() => _reader = new FrameReader(frame => _last = frame);

    [Params(
        nameof(Frame.Alive),
        nameof(Frame.Ready),
        nameof(Frame.Idle),
        nameof(Frame.Reloaded),
        nameof(Frame.Update),
        nameof(Frame.Assign))]
    public string Kind { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var minute = TimeSpan.FromMinutes(1);
        _frame = Kind switch
        {
            nameof(Frame.Alive) => new Frame.Alive(),
            nameof(Frame.Ready) => new Frame.Ready(),
            nameof(Frame.Idle) => new Frame.Idle(),
            nameof(Frame.Reloaded) => new Frame.Reloaded(),
            nameof(Frame.Update) => new Frame.Update(20, minute, minute),
            _ => new Frame.Assign("bench", 7, 20, 1, minute, minute, minute, WaitForMarkReady: false),
        };
        FrameCodec.Write(_frames, _frame);
        _bytes = _frames.Written.ToArray();
    }

    [Benchmark]
    public int Write()
    {
        _frames.Clear();
        FrameCodec.Write(_frames, _frame);
        return _frames.Length;
    }

    [Benchmark]
    public object Read()
    {
        _reader.Feed(_bytes);
        return _last ?? throw new InvalidOperationException("no complete frame");
    }
}
