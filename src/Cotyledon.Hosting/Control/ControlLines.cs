using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
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
            return root.Deserialize(ControlJson.Default.ControlRequest)!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // An InvalidOperationException: half a surrogate pair as an escape sequence.
            throw ControlError.Usage(e is JsonException { Path: { } path } ? $"The request has an invalid value at {path}." : "The request is not valid JSON.");
        }
    }

    public static byte[] Greeting(GreetingObject greeting) => [.. JsonSerializer.SerializeToUtf8Bytes(greeting, ControlJson.Default.GreetingObject), (byte)'\n'];

    public static byte[] Error(long? id, ControlError error) => Answer(id, "error", error.ToObject(), ControlJson.Default.ErrorObject);

    public static byte[] Progress<T>(long? id, T progress, JsonTypeInfo<T> type) => Answer(id, "progress", progress, type);

    public static byte[] Result<T>(long? id, T result, JsonTypeInfo<T> type) => Answer(id, "result", result, type);

    private static byte[] Answer<T>(long? id, string name, T value, JsonTypeInfo<T> type)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            if (id is { } number)
            {
                writer.WriteNumber("id", number);
            }

            writer.WritePropertyName(name);
            JsonSerializer.Serialize(writer, value, type);
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }
}
