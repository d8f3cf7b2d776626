using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Xml;
using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>The present values of the sources, which have not been accepted yet.</summary>
/// <param name="Values">One entry for each source; the published instance if the source has not changed.</param>
/// <param name="Errors">One complete sentence for each source that could not be loaded.</param>
internal sealed record ConfigurationCandidate(SourceValues[] Values, IReadOnlyList<string> Errors)
{
    /// <summary>
    /// Loads sources without raising a change token to which the program listens: all of them, or only files with <c>reloadOnChange</c> that
    /// have changed; other providers load their changes themselves.
    /// </summary>
    public static ConfigurationCandidate Load(AcceptedConfiguration accepted, LoadedFiles files, bool loadsAll)
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
                var now = Load(source.Origin, files, loadsAll);
                values[i] = now.HasSameValuesAs(published[i]) ? published[i] : now;
            }
            catch (Exception e)
            {
                // A provider can throw any exception, for example for a truncated file or an unavailable server.
                values[i] = published[i];
                errors.Add($"{source.Name} cannot be loaded{Describe(source.Origin, e)}");
            }
        }

        return new ConfigurationCandidate(values, errors);
    }

    private static SourceValues Load(IConfigurationProvider origin, LoadedFiles files, bool loadsAll)
    {
        switch (origin)
        {
            case FileConfigurationProvider file:
                if (loadsAll || (file.Source.ReloadOnChange && files.HasChanged(file)))
                {
                    files.Load(file);
                }

                return files.Read(file);
            case not StreamConfigurationProvider when loadsAll: // A stream can be read only once.
                origin.Load();
                break;
        }

        return SourceReader.Read(origin);
    }

    private static string Describe(IConfigurationProvider origin, Exception exception) =>
        LineOfIni(origin, exception) is { } line
            ? $" (line {line}): the line is not a comment, a section or key=value."
            : $"{PositionOf(exception)}: {ExceptionText.Summary(exception)}";

    /// <summary>Finds the number of an invalid line. The INI provider only quotes the line, which may contain a secret.</summary>
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

    /// <summary>A separate method, so that a master that reads no XML does not load the XML reader and its 6 file descriptors.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string PositionOfXml(Exception exception) =>
        exception is XmlException { LineNumber: > 0 } xml ? $" (line {xml.LineNumber}, position {xml.LinePosition})" : "";
}
