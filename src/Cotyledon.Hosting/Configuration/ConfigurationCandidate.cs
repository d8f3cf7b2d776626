using System.Text.Json;
using System.Xml;
using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>What the sources have at present, whether it is accepted or not.</summary>
/// <param name="Values">One entry for each source; the published instance where nothing has changed.</param>
/// <param name="Errors">What could not be loaded, one complete sentence for each source.</param>
internal sealed record ConfigurationCandidate(SourceValues[] Values, IReadOnlyList<string> Errors)
{
    /// <summary>Loads sources without raising any change token that the program could hear.</summary>
    /// <param name="accepted">The configuration.</param>
    /// <param name="isForced">
    /// Whether every source is loaded. Otherwise those files are which are to be followed; other providers have loaded what they
    /// announce.
    /// </param>
    public static ConfigurationCandidate Load(AcceptedConfiguration accepted, bool isForced)
    {
        var published = accepted.Published;
        var values = new SourceValues[published.Length];
        var errors = new List<string>();
        for (var i = 0; i < values.Length; i++)
        {
            var source = accepted.Sources[i];
            try
            {
                if (IsToBeLoaded(source.Origin, isForced))
                {
                    source.Origin.Load();
                }

                var now = SourceReader.Read(source.Origin);
                values[i] = now.HasSameValuesAs(published[i]) ? published[i] : now;
            }
            catch (Exception e)
            {
                // Whatever a provider throws: a file cut in half, a server that is away.
                values[i] = published[i];
                errors.Add($"{source.Name} cannot be loaded{PositionOf(e)}: {ExceptionText.Summary(e)}");
            }
        }

        return new ConfigurationCandidate(values, errors);
    }

    private static bool IsToBeLoaded(IConfigurationProvider origin, bool isForced) => origin switch
    {
        StreamConfigurationProvider => false, // A stream can be read only once.
        FileConfigurationProvider { Source.ReloadOnChange: true } => true,
        _ => isForced,
    };

    private static string PositionOf(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case JsonException { LineNumber: { } line, BytePositionInLine: { } position }:
                    return $" (line {line + 1}, position {position + 1})";
                case XmlException { LineNumber: > 0 } xml:
                    return $" (line {xml.LineNumber}, position {xml.LinePosition})";
            }
        }

        return "";
    }
}
