using System.Runtime.CompilerServices;
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
    /// <param name="files">What its files were when they were loaded.</param>
    /// <param name="isForced">
    /// Whether every source is loaded. Otherwise those files are which are to be followed and have changed; other providers have loaded
    /// what they announce.
    /// </param>
    public static ConfigurationCandidate Load(AcceptedConfiguration accepted, LoadedFiles files, bool isForced)
    {
        accepted.TakeSet(forget: true);
        var published = accepted.Published;
        var values = new SourceValues[published.Length];
        var errors = new List<string>();
        for (var i = 0; i < values.Length; i++)
        {
            var source = accepted.Sources[i];
            try
            {
                var now = Load(source.Origin, files, isForced);
                values[i] = now.HasSameValuesAs(published[i]) ? published[i] : now;
            }
            catch (Exception e)
            {
                // Whatever a provider throws: a file cut in half, a server that is away.
                values[i] = published[i];
                errors.Add($"{source.Name} cannot be loaded{Describe(source.Origin, e)}");
            }
        }

        return new ConfigurationCandidate(values, errors);
    }

    private static SourceValues Load(IConfigurationProvider origin, LoadedFiles files, bool isForced)
    {
        switch (origin)
        {
            case FileConfigurationProvider file:
                if (isForced || (file.Source.ReloadOnChange && files.HasChanged(file)))
                {
                    files.Load(file);
                }

                return files.Read(file);
            case not StreamConfigurationProvider when isForced: // A stream can be read only once.
                origin.Load();
                break;
        }

        return SourceReader.Read(origin);
    }

    private static string Describe(IConfigurationProvider origin, Exception exception) =>
        LineOfIni(origin, exception) is { } line
            ? $" (line {line}): the line is not a comment, a section or key=value."
            : $"{PositionOf(exception)}: {ExceptionText.Summary(exception)}";

    /// <summary>The INI provider does not name the line but quotes it, and it may hold a secret.</summary>
    private static int? LineOfIni(IConfigurationProvider origin, Exception exception)
    {
        if (origin is not FileConfigurationProvider { Source: { Path: { } path, FileProvider: { } files } }
            || exception.GetBaseException() is not FormatException cause
            || origin.GetType().FullName != "Microsoft.Extensions.Configuration.Ini.IniConfigurationProvider")
        {
            return null;
        }

        using var reader = new StreamReader(files.GetFileInfo(path).CreateReadStream());
        for (var line = 1; reader.ReadLine() is { } text; line++)
        {
            if (text.Trim().Length > 0 && cause.Message.Contains($"'{text}'", StringComparison.Ordinal))
            {
                return line;
            }
        }

        return null;
    }

    private static string PositionOf(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is JsonException { LineNumber: { } line, BytePositionInLine: { } position })
            {
                return $" (line {line + 1}, position {position + 1})";
            }

            if (e.GetType().FullName == "System.Xml.XmlException")
            {
                return PositionOfXml(e);
            }
        }

        return "";
    }

    /// <summary>In a method of its own: a type test above would load the XML reader (6 descriptors) into a master that reads no XML.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string PositionOfXml(Exception exception) =>
        exception is XmlException { LineNumber: > 0 } xml ? $" (line {xml.LineNumber}, position {xml.LinePosition})" : "";
}
