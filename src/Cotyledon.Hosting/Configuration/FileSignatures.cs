using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Tells whether configuration files are still the same ones, through symbolic links of files and directories.</summary>
internal static class FileSignatures
{
    public static string Of(IEnumerable<FileConfigurationProvider> files) => string.Join('\n', files.Select(Of));

    public static DateTimeOffset? LastWriteOf(IEnumerable<FileConfigurationProvider> files) =>
        files.Select(PathOf).Where(File.Exists).Select(path => (DateTimeOffset?)File.GetLastWriteTimeUtc(path!)).Max();

    private static string? PathOf(FileConfigurationProvider file) =>
        file.Source.FileProvider?.GetFileInfo(file.Source.Path ?? "").PhysicalPath;

    private static string Of(FileConfigurationProvider file)
    {
        var path = PathOf(file);
        if (path is null)
        {
            return "";
        }

        try
        {
            // By the open file, not by its name: that follows every link on the way.
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return string.Create(
                CultureInfo.InvariantCulture, $"{File.GetLastWriteTimeUtc(handle).Ticks} {RandomAccess.GetLength(handle)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "none";
        }
    }
}
