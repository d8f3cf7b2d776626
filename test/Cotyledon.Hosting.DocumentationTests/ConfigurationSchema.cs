using System.Globalization;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Cotyledon.Hosting.Cluster.Nats;
using Cotyledon.Hosting.Cluster.Postgres;
using Cotyledon.Hosting.Queues;
using Cotyledon.Hosting.Shared;
using Cotyledon.Hosting.Web;

namespace Cotyledon.Hosting.DocumentationTests;

/// <summary>Generates the JSON schema of section <c>Cotyledon</c> from the options and their XML documentation.</summary>
internal static partial class ConfigurationSchema
{
    public const string File = "src/Cotyledon.Hosting/ConfigurationSchema.json";

    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The smallest and the largest value that validation accepts.</summary>
    public static readonly IReadOnlyDictionary<string, (long Min, long? Max)> Limits = new Dictionary<string, (long, long?)>
    {
        ["CotyledonOptions.MaxConcurrentStarts"] = (1, OptionLimits.MaxWorkers),
        ["CotyledonOptions.SpareWorkers"] = (0, OptionLimits.MaxSpareWorkers),
        ["CotyledonWorkerOptions.Workers"] = (0, OptionLimits.MaxWorkers),
        ["CotyledonWorkerOptions.MaxUnavailable"] = (1, OptionLimits.MaxWorkers),
        ["CotyledonWorkerOptions.MaxRestarts"] = (0, null),
        ["CotyledonWorkerOptions.MaxMemory"] = (OptionLimits.MinMemory, null),
        ["CotyledonWorkerOptions.Nice"] = (OptionLimits.MinNice, OptionLimits.MaxNice),
        ["CotyledonWorkerOptions.MaxWorkersHere"] = (0, OptionLimits.MaxWorkers),
        ["CotyledonQueueOptions.Capacity"] = (1, null),
        ["CotyledonQueueOptions.MaxItemSize"] = (1, 64 * 1024 * 1024),
        ["CotyledonQueueOptions.MaxAttempts"] = (1, null),
        ["CotyledonQueueOptions.MaxDead"] = (1, null),
        ["CotyledonQueueOptions.MaxPrefetch"] = (1, null),
        ["CotyledonWebOptions.MaxRequests"] = (1, null),
    };

    public static string Generate()
    {
        var section = Section(new CotyledonOptions());
        var properties = section["properties"]!.AsObject();
        properties["Services"] = Named("The options of each service, by its name.", new CotyledonWorkerOptions());
        properties["Queues"] = Named("The options of each queue, by its name.", new CotyledonQueueOptions());
        var cluster = properties[nameof(CotyledonOptions.Cluster)]!["properties"]!.AsObject();
        foreach (var options in new object[] { new CotyledonPostgresClusterOptions(), new CotyledonNatsClusterOptions() })
        {
            foreach (var (key, property) in Section(options)["properties"]!.AsObject().ToList())
            {
                cluster[key] = property!.DeepClone();
            }
        }

        properties["Web"] = Section(new CotyledonWebOptions());
        var schema = new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["type"] = "object",
            ["properties"] = new JsonObject { [CotyledonOptions.SectionName] = section },
        };
        return schema.ToJsonString(Format).ReplaceLineEndings("\n") + "\n";
    }

    private static JsonObject Named(string description, object options) => new()
    {
        ["type"] = "object",
        ["description"] = description,
        ["additionalProperties"] = Section(options),
    };

    private static JsonObject Section(object options)
    {
        var properties = new JsonObject();
        foreach (var property in options.GetType().GetProperties())
        {
            properties[property.Name] = Property(property, options);
        }

        return new JsonObject
        {
            ["type"] = "object",
            ["description"] = Documentation($"T:{options.GetType().FullName}"),
            ["properties"] = properties,
            ["additionalProperties"] = false,
        };
    }

    private static JsonObject Property(PropertyInfo property, object options)
    {
        if (property.GetValue(options) is (CotyledonControlOptions or CotyledonClusterOptions) and var section)
        {
            return Section(section);
        }

        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var schema = TypeOf(type);
        if (Limits.TryGetValue($"{options.GetType().Name}.{property.Name}", out var limits))
        {
            schema["minimum"] = limits.Min;
            if (limits.Max is { } max)
            {
                schema["maximum"] = max;
            }
        }

        var isNullable = type != property.PropertyType
            || new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable;
        if (isNullable)
        {
            schema["type"] = new JsonArray([.. TypesOf(schema).Append("null").Select(t => (JsonNode)t)]);
        }

        if (isNullable && schema["enum"] is JsonArray values)
        {
            values.Add(null);
        }

        schema["description"] = Documentation($"P:{options.GetType().FullName}.{property.Name}");
        if (property.GetValue(options) is { } value and (bool or int or long or string or TimeSpan or Enum))
        {
            schema["default"] = value switch
            {
                bool flag => flag,
                int number => number,
                long number => number,
                TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
                _ => value.ToString(),
            };
        }

        return schema;
    }

    private static JsonObject TypeOf(Type type)
    {
        if (type.IsEnum)
        {
            return new() { ["type"] = "string", ["enum"] = new JsonArray([.. Enum.GetNames(type).Select(n => (JsonNode)n)]) };
        }

        if (type == typeof(TimeSpan))
        {
            return new()
            {
                ["type"] = "string",
                ["pattern"] = @"^\s*((\d+\.)?\d{1,2}:\d{1,2}(:\d{1,2}(\.\d{1,7})?)?|(\d+\.?\d*|\.\d+)\s*([Mm]?[Ss]|[MmHhDd])|[Ii]nfinite)\s*$",
            };
        }

        if (type == typeof(long))
        {
            return new()
            {
                ["type"] = new JsonArray("integer", "string"),
                ["pattern"] = @"^\s*\d+\s*([KkMmGgTt]([Ii]?[Bb])?|[Bb])?\s*$",
            };
        }

        return type == typeof(bool) ? new() { ["type"] = "boolean" }
            : type == typeof(int) ? new() { ["type"] = "integer" }
            : type == typeof(string) ? new() { ["type"] = "string" }
            : typeof(IDictionary<string, string?>).IsAssignableFrom(type)
                ? new() { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["type"] = new JsonArray("string", "null") } }
            : typeof(IEnumerable<string>).IsAssignableFrom(type)
                ? new() { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } }
            : throw new NotSupportedException($"The schema has no form for options of type {type}.");
    }

    private static IEnumerable<string> TypesOf(JsonObject schema) =>
        schema["type"] is JsonArray several ? several.Select(t => t!.GetValue<string>()) : [schema["type"]!.GetValue<string>()];

    /// <summary>The summary of a member and what is said of its value, as one line.</summary>
    private static string Documentation(string member)
    {
        var assembly = member.Contains("CotyledonQueueOptions", StringComparison.Ordinal)
            ? typeof(CotyledonQueueOptions).Assembly
            : member.Contains("CotyledonWebOptions", StringComparison.Ordinal) ? typeof(CotyledonWebOptions).Assembly
            : member.Contains("CotyledonPostgresClusterOptions", StringComparison.Ordinal) ? typeof(CotyledonPostgresClusterOptions).Assembly
            : member.Contains("CotyledonNatsClusterOptions", StringComparison.Ordinal) ? typeof(CotyledonNatsClusterOptions).Assembly
            : typeof(CotyledonOptions).Assembly;
        var documentation = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member")
            .Single(m => m.Attribute("name")!.Value == member);
        var text = string.Join(' ', documentation.Elements().Where(e => e.Name.LocalName is "summary" or "value").Select(TextOf));
        return Spaces().Replace(text, " ").Trim();
    }

    private static string TextOf(XElement element) => string.Concat(element.Nodes().Select(node => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see =>
            see.Attribute("langword")?.Value ?? see.Attribute("cref")!.Value.Split('(')[0].Split('.', ':')[^1],
        XElement inner => TextOf(inner),
        _ => "",
    }));

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
