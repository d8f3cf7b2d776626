using Cotyledon.Hosting.Shared;
using Serilog.Core;
using Serilog.Events;

namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>Writes events as frames, one at a time. Each thread that logs has its own writer.</summary>
internal sealed class EventWriter
{
    /// <summary>The property of an event, or of a structure, that has the number of its missing properties.</summary>
    public const string CutProperty = "CutProperties";

    private readonly FrameWriter _frame = new();
    private readonly List<NumberedText> _undefined = [];
    private TextNumbers _texts = null!;

    /// <summary>The texts of the last event that may not have been defined in the master yet.</summary>
    public IReadOnlyList<NumberedText> Undefined => _undefined;

    /// <summary>
    /// Writes an event as a frame, valid until the next call. Properties that the identity has with the same value are left out.
    /// </summary>
    public ReadOnlySpan<byte> Write(LogEvent logEvent, TextNumbers texts, LogIdentity? identity)
    {
        _texts = texts;
        _undefined.Clear();
        _frame.Begin(FrameKind.Event)
            .Byte((byte)logEvent.Level)
            .Int64(logEvent.Timestamp.Ticks)
            .VarSigned(logEvent.Timestamp.Offset.Ticks / TimeSpan.TicksPerMinute);
        WriteTrace(logEvent);
        WriteException(logEvent.Exception);
        WriteName(logEvent.MessageTemplate.Text);
        WriteProperties(logEvent.Properties, identity);
        return _frame.End();
    }

    public void Release() => _frame.Release();

    private void WriteTrace(LogEvent logEvent)
    {
        Span<byte> id = stackalloc byte[16];
        _frame.Byte((byte)((logEvent.TraceId is null ? 0 : 1) | (logEvent.SpanId is null ? 0 : 2)));
        if (logEvent.TraceId is { } trace)
        {
            trace.CopyTo(id);
            _frame.Raw(id);
        }

        if (logEvent.SpanId is { } span)
        {
            span.CopyTo(id[..8]);
            _frame.Raw(id[..8]);
        }
    }

    private void WriteException(Exception? exception)
    {
        if (exception is null)
        {
            _frame.Byte(0);
            return;
        }

        var text = UserText.Of(exception);
        var stackTrace = UserText.StackTraceOf(exception);
        var place = stackTrace is null ? -1 : text.IndexOf(stackTrace, StringComparison.Ordinal);
        _frame.Byte(1)
            .VarText(exception is ForwardedException forwarded ? forwarded.OriginalType : $"{exception.GetType()}")
            .VarText(UserText.MessageOf(exception))
            .VarText(text)
            .VarSigned(place)
            .VarNumber((ulong)(stackTrace?.Length ?? 0))
            .VarSigned(exception.HResult);
    }

    /// <summary>Writes the number of a text, or 0 and the text.</summary>
    private void WriteName(string text)
    {
        if (_texts.Find(text) is not { } known)
        {
            _frame.Byte(0).VarText(text);
            return;
        }

        _frame.VarNumber((ulong)known.Number);
        if (!known.IsDefined)
        {
            _undefined.Add(known);
        }
    }

    private void WriteProperties(IReadOnlyDictionary<string, LogEventPropertyValue> properties, LogIdentity? identity)
    {
        var (place, count, cut) = (_frame.ReserveCount(), 0, 0);
        foreach (var (name, value) in (Dictionary<string, LogEventPropertyValue>)properties)
        {
            if (identity?.Has(name, value) == true)
            {
                continue;
            }

            if (_frame.IsFull())
            {
                cut++;
                continue;
            }

            WriteName(name);
            WriteProperty(name, value);
            count++;
        }

        if (cut > 0)
        {
            WriteName(CutProperty);
            WriteScalar(cut);
            count++;
        }

        _frame.SetCount(place, count);
    }

    private void WriteProperty(string name, LogEventPropertyValue value)
    {
        if (name == Constants.SourceContextPropertyName
            && value is ScalarValue { Value: string category }
            && _texts.Find(category) is not null)
        {
            _frame.Byte((byte)ValueKind.KnownText);
            WriteName(category);
            return;
        }

        WriteValue(value, depth: 0);
    }

    private void WriteValue(LogEventPropertyValue value, int depth)
    {
        switch (value)
        {
            case ScalarValue scalar:
                WriteScalar(scalar.Value);
                break;
            case SequenceValue sequence when depth < Limits.MaxDepth:
                _frame.Byte((byte)ValueKind.Sequence);
                WriteElements(sequence.Elements, (element, d) => WriteValue(element, d), depth);
                break;
            case StructureValue structure when depth < Limits.MaxDepth:
                _frame.Byte((byte)ValueKind.Structure);
                WriteName(structure.TypeTag ?? "");
                WriteElements(structure.Properties, WriteMember, depth);
                break;
            case DictionaryValue dictionary when depth < Limits.MaxDepth:
                _frame.Byte((byte)ValueKind.Dictionary);
                WriteElements(dictionary.Elements, WriteEntry, depth);
                break;
            default:
                WriteShown(value);
                break;
        }
    }

    private void WriteMember(LogEventProperty member, int depth)
    {
        WriteName(member.Name);
        WriteValue(member.Value, depth);
    }

    private void WriteEntry(KeyValuePair<ScalarValue, LogEventPropertyValue> entry, int depth)
    {
        WriteScalar(entry.Key.Value);
        WriteValue(entry.Value, depth);
    }

    /// <summary>Writes as many elements as fit, and the number of the others, which the reader shows.</summary>
    private void WriteElements<T>(IEnumerable<T> elements, Action<T, int> write, int depth)
    {
        var (place, count, cut) = (_frame.ReserveCount(), 0, 0);
        foreach (var element in elements)
        {
            if (_frame.IsFull())
            {
                cut++;
                continue;
            }

            write(element, depth + 1);
            count++;
        }

        _frame.SetCount(place, count);
        _frame.VarNumber((ulong)cut);
    }

    private void WriteScalar(object? value)
    {
        if (!ScalarWriter.TryWrite(_frame, value))
        {
            WriteShown(value!);
        }
    }

    private void WriteShown(object value) => _frame.Byte((byte)ValueKind.Shown).VarText(UserText.Of(value));
}
