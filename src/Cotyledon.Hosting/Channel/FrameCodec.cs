using System.Buffers.Binary;
using System.Text;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Channel;

/// <summary>Encodes and decodes frames. Fields are written in their order, numbers as little-endian, texts after their length.</summary>
/// <remarks>A serializer would cost each worker more start-up time than all of its frames.</remarks>
internal static class FrameCodec
{
    private enum Kind : byte
    {
        Hello = 1,
        Ready = 2,
        Idle = 3,
        Leaving = 4,
        ReplaceMe = 5,
        Reloaded = 6,
        Alive = 7,
        ReloadMe = 8,
        ShutDown = 9,
        CannotReload = 10,
        Assign = 65,
        Stop = 66,
        Update = 67,
        Reload = 68,
        ConfigurationPart = 69,
    }

    /// <summary>Writes a frame and returns its size, at most <see cref="Protocol.MaxFrameSize"/>.</summary>
    public static int Write(Frame frame, Span<byte> target)
    {
        var fields = new FieldWriter(target[FrameSplitter.HeaderSize..]);
        WriteFields(frame, ref fields);
        var size = FrameSplitter.HeaderSize + fields.Length;
        BinaryPrimitives.WriteInt32LittleEndian(target, size - FrameSplitter.LengthSize);
        target[FrameSplitter.LengthSize] = (byte)KindOf(frame);
        return size;
    }

    /// <summary>Reads the fields of one frame.</summary>
    /// <returns>The frame, or <see langword="null"/> for a kind that this version does not know.</returns>
    /// <exception cref="InvalidDataException">The fields are too short for the kind, or have invalid values.</exception>
    public static Frame? Read(byte kind, FieldReader fields) => (Kind)kind switch
    {
        Kind.Hello => new Frame.Hello((ushort)fields.Int32(ushort.MaxValue), fields.Guid()),
        Kind.Ready => Frame.Ready.Instance,
        Kind.Idle => Frame.Idle.Instance,
        Kind.Leaving => new Frame.Leaving(Reason(ref fields), fields.Text()),
        Kind.ReplaceMe => Frame.ReplaceMe.Instance,
        Kind.CannotReload => Frame.CannotReload.Instance,
        Kind.Assign => new Frame.Assign(
            fields.Text(),
            fields.Int32(OptionLimits.MaxWorkers),
            fields.Int32(OptionLimits.MaxWorkers),
            Incarnation(ref fields),
            Time(ref fields),
            Time(ref fields),
            Time(ref fields),
            Flag(ref fields))
        {
            LeaseEnd = fields.Int64() is > 0 and var end ? end : null,
        },
        Kind.Stop => Frame.Stop.Instance,
        Kind.Update => new Frame.Update(fields.Int32(OptionLimits.MaxWorkers), Time(ref fields), Time(ref fields)),
        Kind.Reload => Frame.Reload.Instance,
        Kind.Reloaded => Frame.Reloaded.Instance,
        Kind.Alive => Frame.Alive.Instance,
        Kind.ReloadMe => Frame.ReloadMe.Instance,
        Kind.ShutDown => new Frame.ShutDown(fields.Int32(OptionLimits.MaxExitCode)),
        Kind.ConfigurationPart => new Frame.ConfigurationPart(Flag(ref fields), fields.Bytes()),
        _ => null,
    };

    private static Kind KindOf(Frame frame) => frame switch
    {
        Frame.Hello => Kind.Hello,
        Frame.Ready => Kind.Ready,
        Frame.Idle => Kind.Idle,
        Frame.Leaving => Kind.Leaving,
        Frame.ReplaceMe => Kind.ReplaceMe,
        Frame.Reloaded => Kind.Reloaded,
        Frame.CannotReload => Kind.CannotReload,
        Frame.Alive => Kind.Alive,
        Frame.ReloadMe => Kind.ReloadMe,
        Frame.ShutDown => Kind.ShutDown,
        Frame.Assign => Kind.Assign,
        Frame.Stop => Kind.Stop,
        Frame.Update => Kind.Update,
        Frame.Reload => Kind.Reload,
        Frame.ConfigurationPart => Kind.ConfigurationPart,
        _ => throw new ArgumentOutOfRangeException(nameof(frame), frame, "The frame has no kind."),
    };

    private static void WriteFields(Frame frame, ref FieldWriter fields)
    {
        switch (frame)
        {
            case Frame.Hello hello:
                // The version must remain the first field in all versions, so that each version can read it.
                fields.Int32(hello.Version);
                fields.Guid(hello.ModuleVersionId);
                break;
            case Frame.Leaving leaving:
                fields.Int32((int)leaving.Reason);
                fields.Text(leaving.Detail);
                break;
            case Frame.Assign assign:
                fields.Text(assign.Service);
                fields.Int32(assign.WorkerId);
                fields.Int32(assign.WorkerCount);
                fields.Int64(assign.Incarnation);
                fields.Time(assign.GracefulTimeout);
                fields.Time(assign.LivenessTimeout);
                fields.Time(assign.HookTimeout);
                fields.Int32(assign.WaitForMarkReady ? 1 : 0);
                fields.Int64(assign.LeaseEnd ?? 0);
                break;
            case Frame.Update update:
                fields.Int32(update.WorkerCount);
                fields.Time(update.GracefulTimeout);
                fields.Time(update.LivenessTimeout);
                break;
            case Frame.ShutDown shutDown:
                fields.Int32(shutDown.ExitCode);
                break;
            case Frame.ConfigurationPart part:
                fields.Int32(part.IsLast ? 1 : 0);
                fields.Bytes(part.Bytes.Span);
                break;
        }
    }

    private ref struct FieldWriter(Span<byte> target)
    {
        private readonly Span<byte> _target = target;

        public int Length { get; private set; }

        public void Int32(int value)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_target[Length..], value);
            Length += sizeof(int);
        }

        public void Int64(long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_target[Length..], value);
            Length += sizeof(long);
        }

        public void Time(TimeSpan value) => Int64(value.Ticks);

        public void Guid(Guid value)
        {
            value.TryWriteBytes(_target[Length..]);
            Length += 16;
        }

        public void Bytes(ReadOnlySpan<byte> value)
        {
            Int32(value.Length);
            value.CopyTo(_target[Length..]);
            Length += value.Length;
        }

        public void Text(string value)
        {
            var text = value.AsSpan(0, Math.Min(value.Length, Protocol.MaxTextLength));
            var size = Encoding.UTF8.GetBytes(text, _target[(Length + sizeof(int))..]);
            Int32(size);
            Length += size;
        }
    }

    private static bool Flag(ref FieldReader fields) => fields.Int32(max: 1) != 0;

    private static long Incarnation(ref FieldReader fields) =>
        fields.Int64() is >= 0 and var value ? value : throw new InvalidDataException("A frame has a negative incarnation.");

    private static WorkerExitReason Reason(ref FieldReader fields)
    {
        var reason = (WorkerExitReason)fields.Int32();
        return Enum.IsDefined(reason)
            ? reason
            : throw new InvalidDataException($"A frame has the exit reason {(int)reason}, which is not a known reason.");
    }

    private static TimeSpan Time(ref FieldReader fields)
    {
        var value = new TimeSpan(fields.Int64());
        return value == Timeout.InfiniteTimeSpan || (value >= TimeSpan.Zero && value <= OptionLimits.MaxTime)
            ? value
            : throw new InvalidDataException($"A frame has the time {value}; infinite, or zero to {OptionLimits.MaxTime}, is valid.");
    }
}
