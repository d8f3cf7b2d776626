using System.Globalization;
using Cotyledon.Hosting.Processes;
using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Detects whether configuration files have changed, also through symbolic links of files and directories.</summary>
internal static class FileSignatures
{
    /// <summary>Returns whether a file was written after a time. Returns <see langword="true"/> if that is not known.</summary>
    public static bool IsWrittenSince(FileConfigurationProvider file, DateTime time)
    {
        try
        {
            return file.Source.FileProvider?.GetFileInfo(file.Source.Path ?? "") is { Exists: true } info && info.LastModified.UtcDateTime > time;
        }
        catch (Exception)
        {
            return true;
        }
    }

    public static string Of(IEnumerable<FileConfigurationProvider> files) => string.Join('\n', files.Select(Of));

    public static string Of(FileConfigurationProvider file)
    {
        try
        {
            var info = file.Source.FileProvider?.GetFileInfo(file.Source.Path ?? "");
            return info switch
            {
                null or { Exists: false } => "none",
                { PhysicalPath: { } path } => Of(path),
                _ => string.Create(CultureInfo.InvariantCulture, $"{info.LastModified.UtcTicks} {info.Length}"),
            };
        }
        catch (Exception)
        {
            // A file provider of the program can throw any exception. The error is reported when the file is loaded.
            return "none";
        }
    }

    /// <summary>Reads the attributes of the open file instead of its path, which follows all symbolic links.</summary>
    private static string Of(string path)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{File.GetLastWriteTimeUtc(handle).Ticks} {RandomAccess.GetLength(handle)} {FileIdentity.Of(handle)}");
    }
}
