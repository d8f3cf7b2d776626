using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Channel;

/// <summary>Encodes and decodes the frames between the master and a worker.</summary>
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

    /// <summary>Adds a frame, of at most <see cref="Protocol.MaxFrameSize"/> bytes.</summary>
    public static void Write(FrameWriter target, Frame frame)
    {
        target.Begin((byte)KindOf(frame));
        WriteFields(frame, target);
        target.End();
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

    private static void WriteFields(Frame frame, FrameWriter fields)
    {
        switch (frame)
        {
            case Frame.Hello hello:
                // The version must remain the first field in all versions, so that each version can read it.
                fields.Int32(hello.Version).Guid(hello.ModuleVersionId);
                break;
            case Frame.Leaving leaving:
                fields.Int32((int)leaving.Reason).Text(Cut(leaving.Detail));
                break;
            case Frame.Assign assign:
                fields.Text(Cut(assign.Service))
                    .Int32(assign.WorkerId)
                    .Int32(assign.WorkerCount)
                    .Int64(assign.Incarnation)
                    .Int64(assign.GracefulTimeout.Ticks)
                    .Int64(assign.LivenessTimeout.Ticks)
                    .Int64(assign.HookTimeout.Ticks)
                    .Int32(assign.WaitForMarkReady ? 1 : 0)
                    .Int64(assign.LeaseEnd ?? 0);
                break;
            case Frame.Update update:
                fields.Int32(update.WorkerCount).Int64(update.GracefulTimeout.Ticks).Int64(update.LivenessTimeout.Ticks);
                break;
            case Frame.ShutDown shutDown:
                fields.Int32(shutDown.ExitCode);
                break;
            case Frame.ConfigurationPart part:
                fields.Int32(part.IsLast ? 1 : 0).Bytes(part.Bytes.Span);
                break;
        }
    }

    private static ReadOnlySpan<char> Cut(string text) => text.AsSpan(0, Math.Min(text.Length, Protocol.MaxTextLength));

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
