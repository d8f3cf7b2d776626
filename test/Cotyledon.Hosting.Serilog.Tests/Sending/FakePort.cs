using Cotyledon.Hosting.Serilog.Sending;
using Cotyledon.Hosting.Serilog.Wire;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Serilog.Tests.Sending;

/// <summary>A port that accepts as many bytes as the test allows.</summary>
internal sealed class FakePort : ISendPort
{
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _hasRoom = new();
    private readonly FrameSplitter _splitter;
    private readonly List<(FrameKind Kind, int Size)> _frames = [];
    private long _room;
    private bool _isBroken;

    public FakePort() => _splitter = new FrameSplitter(Limits.MaxFrame, (kind, fields) =>
    {
        _frames.Add(((FrameKind)kind, (FrameKind)kind == FrameKind.Lost ? (int)fields.VarNumber() : 0));
    });

    /// <summary>The complete frames that have arrived, with the number of lost events in a Lost frame.</summary>
    public IReadOnlyList<(FrameKind Kind, int Lost)> Frames
    {
        get
        {
            lock (_gate)
            {
                return [.. _frames];
            }
        }
    }

    public int Events => Frames.Count(f => f.Kind == FrameKind.Event);

    public int Lost => Frames.Sum(f => f.Lost);

    public void Allow(long bytes)
    {
        lock (_gate)
        {
            _room += bytes;
            _hasRoom.Set();
        }
    }

    public void Break()
    {
        lock (_gate)
        {
            _isBroken = true;
            _hasRoom.Set();
        }
    }

    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_isBroken)
            {
                return -1;
            }

            var taken = (int)Math.Min(bytes.Length, _room);
            _room -= taken;
            if (_room == 0)
            {
                _hasRoom.Reset();
            }

            _splitter.Feed(bytes[..taken]);
            return taken;
        }
    }

    public void WaitUntilWritable() => _hasRoom.Wait();

    public bool HasSent(TimeSpan timeout) => true;
}
