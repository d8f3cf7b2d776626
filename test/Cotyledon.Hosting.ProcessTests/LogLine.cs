using System.Text.Json;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>One event in the log of the test program.</summary>
internal sealed class LogLine(JsonElement json)
{
    public DateTimeOffset Time => json.GetProperty("Timestamp").GetDateTimeOffset();

    public string Level => json.GetProperty(nameof(Level)).GetString()!;

    public string Template => json.GetProperty("MessageTemplate").GetString()!;

    public string Exception => json.TryGetProperty(nameof(Exception), out var exception) ? exception.GetString()! : "";

    public string TraceId => json.TryGetProperty(nameof(TraceId), out var id) ? id.GetString()! : "";

    public int ProcessId => (int)Number("ProcessId");

    public JsonElement this[string property] => json.GetProperty("Properties").GetProperty(property);

    /// <summary>Whether this is one of the numbered lines.</summary>
    public bool Is(string what) => Template == "{What} {Number}" && this["What"].GetString() == what;

    public long Number(string property) => this[property].GetInt64();

    /// <summary>Reads all events so far, in the order of the files. Fails when a line is torn; the last line may be incomplete.</summary>
    public static IReadOnlyList<LogLine> ReadAll(string directory, string files = "log-*.json") =>
    [
        .. Directory.GetFiles(directory, files).Order(StringComparer.Ordinal).SelectMany(Read),
    ];

    private static List<LogLine> Read(string file)
    {
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = reader.ReadToEnd();
        var whole = text[..(text.LastIndexOf('\n') + 1)];
        return [.. whole.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => new LogLine(JsonDocument.Parse(line).RootElement))];
    }
}
