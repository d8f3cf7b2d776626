using System.Diagnostics;
using Cotyledon.Hosting.Shared;
using Serilog.Events;

namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>Reads the events of one worker, and the texts to which the worker gives numbers.</summary>
internal sealed class EventReader(TemplateCache templates)
{
    /// <summary>The largest time zone offset, in minutes.</summary>
    private const int MaxOffset = 14 * 60;

    private DefinedText?[] _texts = [];

    /// <summary>Reads a text and its number, which later frames use instead of the text.</summary>
    /// <exception cref="InvalidDataException">The frame is malformed.</exception>
    public void Define(FieldReader fields)
    {
        var number = fields.VarNumber();
        if (number is 0 or > Limits.MaxKnownTexts)
        {
            throw new InvalidDataException($"A frame of the log defines a text with number {number}, which is out of range.");
        }

        var text = fields.VarText();
        if (text.Length > Limits.MaxKnownTextLength)
        {
            throw new InvalidDataException($"A frame of the log defines a text of {text.Length} characters, which is too long.");
        }

        if ((ulong)_texts.Length <= number)
        {
            Array.Resize(ref _texts, (int)Math.Min(Limits.MaxKnownTexts + 1, Math.Max(64, number * 2)));
        }

        _texts[number] = new DefinedText(text);
    }

    /// <exception cref="InvalidDataException">The frame is malformed.</exception>
    public LogEvent Read(FieldReader fields)
    {
        var level = fields.Byte();
        if (level > (byte)LogEventLevel.Fatal)
        {
            throw new InvalidDataException($"A frame of the log has an event of level {level}, which is unknown.");
        }

        var (ticks, offset) = (fields.Int64(), fields.VarSigned(-MaxOffset, MaxOffset));
        var time = ScalarReader.ToDateTimeOffset(ticks, offset * TimeSpan.TicksPerMinute);
        var flags = fields.Byte(max: 3);
        var trace = (flags & 1) != 0 ? ActivityTraceId.CreateFromBytes(fields.VarBytes(16)) : default;
        var span = (flags & 2) != 0 ? ActivitySpanId.CreateFromBytes(fields.VarBytes(8)) : default;
        var exception = fields.Byte(max: 1) == 0 ? null : ReadException(ref fields);
        var template = ReadTemplate(ref fields);
        var logEvent = new LogEvent(time, (LogEventLevel)level, exception, template, [], trace, span);
        for (var left = fields.Count(); left > 0; left--)
        {
            logEvent.AddOrUpdateProperty(new LogEventProperty(ReadPropertyName(ref fields), ReadValue(ref fields, depth: 0)));
        }

        return logEvent;
    }

    private static ForwardedException ReadException(ref FieldReader fields)
    {
        var (type, message, text) = (fields.VarText(), fields.VarText(), fields.VarText());
        var (place, length) = (fields.VarSigned(), fields.VarNumber());

        // If the text was cut, the stack trace may be beyond its end.
        var stackTrace = place >= 0 && place <= text.Length && length <= (ulong)(text.Length - place)
            ? text.Substring((int)place, (int)length)
            : null;
        return new ForwardedException(type, message, text, stackTrace) { HResult = (int)fields.VarSigned(int.MinValue, int.MaxValue) };
    }

    private MessageTemplate ReadTemplate(ref FieldReader fields)
    {
        var number = fields.VarNumber();
        if (number == 0)
        {
            return templates.Parse(fields.VarText());
        }

        var known = Find(number);
        return known.Template ??= templates.Parse(known.Text);
    }

    private string ReadName(ref FieldReader fields)
    {
        var number = fields.VarNumber();
        return number == 0 ? fields.VarText() : Find(number).Text;
    }

    private string ReadPropertyName(ref FieldReader fields)
    {
        var name = ReadName(ref fields);
        return LogEventProperty.IsValidName(name)
            ? name
            : throw new InvalidDataException("A property in a frame of the log has no name.");
    }

    private DefinedText Find(ulong number) =>
        (number < (ulong)_texts.Length ? _texts[number] : null)
        ?? throw new InvalidDataException($"A frame of the log has a text of number {number}, which is unknown.");

    private LogEventPropertyValue ReadValue(ref FieldReader fields, int depth)
    {
        if (depth > Limits.MaxDepth)
        {
            throw new InvalidDataException("A value in a frame of the log is nested too deeply.");
        }

        var kind = (ValueKind)fields.Byte();
        return kind switch
        {
            ValueKind.KnownText => ReadKnownText(ref fields),
            ValueKind.Sequence => ReadSequence(ref fields, depth),
            ValueKind.Structure => ReadStructure(ref fields, depth),
            ValueKind.Dictionary => ReadDictionary(ref fields, depth),
            _ => new ScalarValue(ScalarReader.Read(ref fields, kind)),
        };
    }

    private ScalarValue ReadKnownText(ref FieldReader fields)
    {
        var known = Find(fields.VarNumber());
        return known.Value ??= new ScalarValue(known.Text);
    }

    private SequenceValue ReadSequence(ref FieldReader fields, int depth)
    {
        var elements = new List<LogEventPropertyValue>();
        for (var left = fields.Count(); left > 0; left--)
        {
            elements.Add(ReadValue(ref fields, depth + 1));
        }

        if (fields.VarNumber() is > 0 and var cut)
        {
            elements.Add(Cut(cut));
        }

        return new SequenceValue(elements);
    }

    private StructureValue ReadStructure(ref FieldReader fields, int depth)
    {
        var typeTag = ReadName(ref fields);
        var members = new List<LogEventProperty>();
        for (var left = fields.Count(); left > 0; left--)
        {
            members.Add(new LogEventProperty(ReadPropertyName(ref fields), ReadValue(ref fields, depth + 1)));
        }

        if (fields.VarNumber() is > 0 and var cut)
        {
            members.Add(new LogEventProperty(EventWriter.CutProperty, new ScalarValue(cut)));
        }

        return new StructureValue(members, typeTag.Length == 0 ? null : typeTag);
    }

    private DictionaryValue ReadDictionary(ref FieldReader fields, int depth)
    {
        // TryAdd: long keys may have become equal when they were cut.
        var elements = new Dictionary<ScalarValue, LogEventPropertyValue>();
        for (var left = fields.Count(); left > 0; left--)
        {
            var key = new ScalarValue(ScalarReader.Read(ref fields, (ValueKind)fields.Byte()));
            elements.TryAdd(key, ReadValue(ref fields, depth + 1));
        }

        if (fields.VarNumber() is > 0 and var cut)
        {
            elements.TryAdd(Cut(cut), new ScalarValue(null));
        }

        return new DictionaryValue(elements);
    }

    private static ScalarValue Cut(ulong count) => new($"… [{count} more were cut]");

    private sealed class DefinedText(string text)
    {
        public string Text => text;

        public MessageTemplate? Template { get; set; }

        public ScalarValue? Value { get; set; }
    }
}
