using System.Text;
using System.Text.Json;
using Cotyledon.Hosting.Cli.Client;

namespace Cotyledon.Hosting.Cli.Output;

/// <summary>
/// Writes the objects of the program as JSON on one line. All characters outside of ASCII are escaped, so that a terminal can show it and
/// each reader can decode it. Fields that this version of the tool does not know are kept.
/// </summary>
internal static class JsonOutput
{
    public static string Of(JsonElement element) => Write(element.WriteTo);

    /// <summary>An object with a list of other objects.</summary>
    public static string List(string name, IEnumerable<JsonElement> elements) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray(name);
        foreach (var element in elements)
        {
            element.WriteTo(writer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>An object with a list of strings.</summary>
    public static string Strings(string name, IEnumerable<string> texts) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray(name);
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>The program, and the fields of an object.</summary>
    public static string WithProgram(Greeting greeting, JsonElement element) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("app", greeting.App);
        writer.WriteString("version", greeting.Version);
        writer.WriteString("library", greeting.Library);
        writer.WriteNumber("pid", greeting.Pid);
        foreach (var property in element.EnumerateObject().Where(p => p.Name is not ("app" or "version" or "library" or "pid")))
        {
            property.WriteTo(writer);
        }

        writer.WriteEndObject();
    });

    private static string Write(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        try
        {
            using var writer = new Utf8JsonWriter(stream);
            write(writer);
        }
        catch (InvalidOperationException e)
        {
            throw WireJson.Unreadable(e);
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
