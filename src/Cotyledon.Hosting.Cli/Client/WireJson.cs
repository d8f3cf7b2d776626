using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Cotyledon.Hosting.Cli.Output;

namespace Cotyledon.Hosting.Cli.Client;

/// <summary>The JSON of the protocol.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Greeting))]
[JsonSerializable(typeof(Request))]
[JsonSerializable(typeof(StatusRecord))]
[JsonSerializable(typeof(ExitsRecord))]
[JsonSerializable(typeof(EventPartRecord))]
[JsonSerializable(typeof(StepProgressRecord))]
[JsonSerializable(typeof(ReadyProgressRecord))]
[JsonSerializable(typeof(ReloadRecord))]
[JsonSerializable(typeof(ScaleRecord))]
[JsonSerializable(typeof(KillRecord))]
[JsonSerializable(typeof(ErrorRecord))]
[JsonSerializable(typeof(QueuesRecord))]
[JsonSerializable(typeof(DeadItemsRecord))]
[JsonSerializable(typeof(CountRecord))]
internal sealed partial class WireJson : JsonSerializerContext
{
    /// <summary>Objects of the protocol are at most six deep.</summary>
    private static readonly JsonDocumentOptions ParseOptions = new() { MaxDepth = 32 };

    public static JsonElement Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, ParseOptions);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new JsonException("The line is not a JSON object.");
        }
        catch (JsonException e)
        {
            throw Unreadable(e);
        }
    }

    public static T Read<T>(JsonElement element, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return element.Deserialize(type) ?? throw new JsonException("The value is null.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw Unreadable(e);
        }
    }

    /// <summary>Also for text that is no valid UTF-16, which is found only when it is read.</summary>
    public static ToolException Unreadable(Exception e) => new(
        ExitCodes.Failed, $"The program sent an answer that this tool cannot read: {SafeText.Escape(e.Message)}");
}
