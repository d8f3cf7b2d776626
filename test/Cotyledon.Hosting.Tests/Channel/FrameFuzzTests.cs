using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Tests.Channel;

/// <summary>For any bytes, the codec returns valid values or throws <see cref="InvalidDataException"/>.</summary>
internal sealed class FrameFuzzTests
{
    private const int Cases = 20_000;

    private static readonly byte[][] Good = [.. FrameCodecTests.Frames.Select(FrameCodecTests.Write)];

    private readonly Random _random = new(15);

    [Test]
    public void Random_or_mutated_fields_are_valid_or_rejected_with_InvalidDataException()
    {
        var rejected = 0;
        for (var i = 0; i < Cases; i++)
        {
            var frame = i % 2 == 0 ? RandomFrame() : Mutated();
            try
            {
                AssertValid(FrameCodecTests.Read(frame));
            }
            catch (InvalidDataException)
            {
                rejected++;
            }
        }

        Assert.That(rejected, Is.InRange(Cases / 10, Cases * 9 / 10));
    }

    [Test]
    public void Random_or_mutated_streams_are_valid_or_rejected_with_InvalidDataException()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Cases; i++)
        {
            byte[] stream = i % 2 == 0 ? RandomBytes() : [.. Mutated(), .. Good[_random.Next(Good.Length)], .. Mutated()];
            try
            {
                Read(stream);
            }
            catch (InvalidDataException)
            {
                // The only exception for invalid data.
            }
        }

        Assert.That((GC.GetAllocatedBytesForCurrentThread() - before) / Cases, Is.LessThan(20 * Protocol.MaxFrameSize), "bytes for each case");
    }

    private void Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new FrameReader(AssertValid);
        while (bytes.Length > 0)
        {
            var count = Math.Min(bytes.Length, _random.Next(1, 4000));
            reader.Feed(bytes[..count]);
            bytes = bytes[count..];
        }
    }

    private static void AssertValid(Frame? frame)
    {
        var isValid = frame switch
        {
            Frame.Leaving leaving => Enum.IsDefined(leaving.Reason),
            Frame.Assign assign => assign is { WorkerId: >= 0, WorkerCount: >= 0, Incarnation: >= 0 }
                && IsValid(assign.GracefulTimeout) && IsValid(assign.LivenessTimeout) && IsValid(assign.HookTimeout),
            Frame.Update update => update.WorkerCount >= 0 && IsValid(update.GracefulTimeout) && IsValid(update.LivenessTimeout),
            _ => true,
        };
        if (!isValid)
        {
            Assert.Fail($"{frame}");
        }
    }

    private static bool IsValid(TimeSpan time) => time == Timeout.InfiniteTimeSpan || (time >= TimeSpan.Zero && time <= OptionLimits.MaxTime);

    private byte[] RandomBytes()
    {
        var bytes = new byte[_random.Next(1, 300)];
        _random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>A frame of an existing kind with a correct length.</summary>
    private byte[] RandomFrame()
    {
        var bytes = new byte[FrameSplitter.HeaderSize + _random.Next(100)];
        _random.NextBytes(bytes);
        bytes[FrameSplitter.LengthSize] = Good[_random.Next(Good.Length)][FrameSplitter.LengthSize];
        return WithLength(bytes);
    }

    /// <summary>A valid frame with a few changed bytes, sometimes truncated. 0xff makes numbers extreme.</summary>
    private byte[] Mutated()
    {
        var good = Good[_random.Next(Good.Length)];
        var bytes = _random.Next(4) == 0 ? good[..^_random.Next(good.Length - FrameSplitter.HeaderSize + 1)] : [.. good];
        for (var changes = _random.Next(1, 4); changes > 0 && bytes.Length > FrameSplitter.HeaderSize; changes--)
        {
            // Only within the first 64 bytes: the texts and parts after them are long.
            var position = _random.Next(FrameSplitter.HeaderSize, Math.Min(bytes.Length, 64));
            bytes[position] = _random.Next(2) == 0 ? (byte)_random.Next(256) : (byte)0xff;
        }

        return WithLength(bytes);
    }

    private static byte[] WithLength(byte[] bytes)
    {
        BitConverter.TryWriteBytes(bytes, bytes.Length - FrameSplitter.LengthSize);
        return bytes;
    }
}
