using System.Buffers.Binary;
using Cotyledon.Hosting.Serilog.Wire;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Serilog.Sending;

/// <summary>Frames that wait to be sent, in blocks of memory that are allocated and released as needed.</summary>
internal sealed class SendBuffer
{
    private const int BlockSize = 64 * 1024;

    private readonly Queue<Block> _blocks = new();
    private Block? _last;
    private Block? _spare;
    private int _frameLeft;
    private bool _isEvent;

    public bool IsEmpty => Bytes == 0;

    public long Bytes { get; private set; }

    /// <summary>The number of bytes sent from this buffer since the start.</summary>
    public long Sent { get; private set; }

    /// <summary>The number of events in the buffer, a partly sent one included.</summary>
    public int Events { get; private set; }

    /// <summary>The oldest bytes, at most as many as are sent at a time.</summary>
    public ReadOnlySpan<byte> Head => _blocks.TryPeek(out var block)
        ? block.Unsent[..Math.Min(block.Unsent.Length, Limits.MaxPiece)]
        : [];

    public void Append(ReadOnlySpan<byte> frame)
    {
        Write(frame);
        Events += IsEvent(frame) ? 1 : 0;
    }

    /// <summary>Adds the rest of a frame of which <paramref name="sent"/> bytes were sent. The buffer must be empty.</summary>
    public void AppendRest(ReadOnlySpan<byte> frame, int sent)
    {
        Write(frame[sent..]);
        _frameLeft = frame.Length - sent;
        _isEvent = IsEvent(frame);
        Events += _isEvent ? 1 : 0;
    }

    /// <summary>Removes bytes that were sent, at most the length of <see cref="Head"/>.</summary>
    public void Advance(int count)
    {
        var block = _blocks.Peek();
        Bytes -= count;
        Sent += count;
        while (count > 0)
        {
            if (_frameLeft == 0)
            {
                _frameLeft = FrameSplitter.LengthSize + BinaryPrimitives.ReadInt32LittleEndian(block.Unsent);
                _isEvent = IsEvent(block.Unsent);
            }

            var taken = Math.Min(count, _frameLeft);
            block.Begin += taken;
            _frameLeft -= taken;
            count -= taken;
            Events -= _frameLeft == 0 && _isEvent ? 1 : 0;
        }

        if (block.Begin == block.End)
        {
            GiveBack(_blocks.Dequeue());
        }
    }

    public void Clear()
    {
        _blocks.Clear();
        _last = null;
        (Bytes, Events, _frameLeft) = (0, 0, 0);
    }

    private static bool IsEvent(ReadOnlySpan<byte> frame) => frame[FrameSplitter.LengthSize] == (byte)FrameKind.Event;

    /// <summary>Writes a frame into one block. A frame is not split between blocks.</summary>
    private void Write(ReadOnlySpan<byte> bytes)
    {
        if (_last is null || _last.Memory.Length - _last.End < bytes.Length)
        {
            _last = bytes.Length <= BlockSize && _spare is { } spare ? spare : new Block(new byte[Math.Max(BlockSize, bytes.Length)]);
            _spare = ReferenceEquals(_last, _spare) ? null : _spare;
            _blocks.Enqueue(_last);
        }

        bytes.CopyTo(_last.Memory.AsSpan(_last.End));
        _last.End += bytes.Length;
        Bytes += bytes.Length;
    }

    private void GiveBack(Block block)
    {
        (block.Begin, block.End) = (0, 0);
        _spare = block.Memory.Length == BlockSize ? block : _spare;
        _last = ReferenceEquals(_last, block) ? null : _last;
    }

    private sealed class Block(byte[] memory)
    {
        public byte[] Memory => memory;

        public int Begin { get; set; }

        public int End { get; set; }

        public ReadOnlySpan<byte> Unsent => memory.AsSpan(Begin, End - Begin);
    }
}
