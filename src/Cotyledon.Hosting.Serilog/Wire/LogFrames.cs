using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>Writes the frames of the log. The buffer of a writer has one frame at a time, of a limited size.</summary>
internal static class LogFrames
{
    /// <summary>A larger buffer is released after the frame that needed it.</summary>
    private const int MaxKept = 16 * 1024;

    /// <summary>The bytes that are kept free in a frame, for the fields that follow a text and for the notes about missing parts.</summary>
    private const int Reserve = 1024;

    public static FrameWriter Begin(this FrameWriter frame, FrameKind kind)
    {
        frame.Clear();
        return frame.Begin((byte)kind);
    }

    /// <summary>True if only the reserved bytes of this frame are left.</summary>
    public static bool IsFull(this FrameWriter frame) => frame.Length > Limits.MaxFrame - (2 * Reserve);

    /// <summary>Releases a large buffer, after the frame was used.</summary>
    public static void Release(this FrameWriter frame) => frame.Clear(MaxKept);

    /// <summary>Writes a text. If it is too long, it is cut and ends with a note about that.</summary>
    public static FrameWriter VarText(this FrameWriter frame, string value)
    {
        var allowed = Math.Clamp(Limits.MaxFrame - Reserve - frame.Length, 0, Limits.MaxText);
        var size = Encoding.UTF8.GetByteCount(value);
        if (size > allowed)
        {
            return frame.CutText(value, allowed);
        }

        Encoding.UTF8.GetBytes(value, frame.VarNumber((ulong)size).Append(size));
        return frame;
    }

    /// <summary>Cuts the text between two characters, never within one.</summary>
    private static FrameWriter CutText(this FrameWriter frame, string value, int allowed)
    {
        var beginning = new byte[allowed];
        Utf8.FromUtf16(value, beginning, out var read, out var written);
        var note = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"… [{value.Length - read} characters cut]"));
        return frame.VarNumber((ulong)(written + note.Length)).Raw(beginning.AsSpan(0, written)).Raw(note);
    }
}
