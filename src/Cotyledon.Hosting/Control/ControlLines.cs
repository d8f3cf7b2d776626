using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Control;

/// <summary>Reads the lines of requests and writes the lines of answers.</summary>
internal static class ControlLines
{
    /// <summary>The version of the protocol. Within it, fields are only added.</summary>
    public const int Protocol = 1;

    /// <summary>The largest size of a request, with its line end.</summary>
    public const int MaxRequest = 64 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    /// <summary>Reads a request.</summary>
    /// <param name="line">The line, which comes from any program.</param>
    /// <param name="id">The number of the request, also if the rest of it is wrong.</param>
    /// <exception cref="ControlError">It is not a request.</exception>
    public static ControlRequest Read(ReadOnlyMemory<byte> line, out long? id)
    {
        id = null;
        if (!Utf8.IsValid(line.Span))
        {
            throw ControlError.Usage("The request is not UTF-8.");
        }

        try
        {
            using var document = JsonDocument.Parse(line, Strict);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                throw ControlError.Usage("A request must be a JSON object.");
            }

            id = root.TryGetProperty("id", out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
                ? number
                : null;
            return Read(new RequestFields(root));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // An InvalidOperationException: half a surrogate pair as an escape sequence.
            throw ControlError.Usage("The request is not valid JSON.");
        }
    }

    public static byte[] Greeting(GreetingObject greeting) => Line(fields => fields.WriteObject(greeting));

    public static byte[] Error(long? id, ControlError error) => Answer(id, "error", error.ToObject());

    public static byte[] Progress(long? id, IControlObject progress) => Answer(id, "progress", progress);

    public static byte[] Result(long? id, IControlObject result) => Answer(id, "result", result);

    private static byte[] Answer(long? id, string name, IControlObject value) =>
        Line(fields => fields.WriteObject(new AnswerObject(id, name, value)));

    private static byte[] Line(Action<ControlFields> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            write(new ControlFields(writer));
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static ControlRequest Read(RequestFields fields) => new()
    {
        Id = fields.Long("id"),
        Do = fields.Text("do"),
        Protocol = fields.Integer("protocol"),
        Service = fields.Text("service"),
        Worker = fields.Integer("worker"),
        Incarnation = fields.Long("incarnation"),
        Workers = fields.Integer("workers"),
        ExitCode = fields.Integer("exitCode"),
        Max = fields.Integer("max"),
        After = fields.Long("after"),
        Follow = fields.Flag("follow"),
        Usage = fields.Flag("usage"),
        Queues = fields.Flag("queues"),
        Queue = fields.Text("queue"),
        Ids = fields.Longs("ids"),
        All = fields.Flag("all"),
    };

    /// <summary>Reads the fields of a request. A field that is missing or null is null.</summary>
    private readonly struct RequestFields(JsonElement request)
    {
        public string? Text(string name) =>
            Find(name) is not { } value ? null : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Invalid(name);

        public bool? Flag(string name) =>
            Find(name) is not { } value ? null : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Invalid(name);

        public int? Integer(string name) =>
            Long(name) is not { } value ? null : value is >= int.MinValue and <= int.MaxValue ? (int)value : throw Invalid(name);

        public long? Long(string name) => Find(name) is { } value ? LongOf(value, name) : null;

        public IReadOnlyList<long>? Longs(string name) =>
            Find(name) is not { } value ? null
            : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select((item, index) => LongOf(item, $"{name}[{index}]"))]
            : throw Invalid(name);

        private static long LongOf(JsonElement value, string name) =>
            value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : throw Invalid(name);

        private static ControlError Invalid(string name) => ControlError.Usage($"The request has an invalid value at $.{name}.");

        private JsonElement? Find(string name) =>
            request.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    private sealed record AnswerObject(long? Id, string Name, IControlObject Value) : IControlObject
    {
        public void Write(ControlFields to) => to.Add(Id).Add(Value, Name);
    }
}
