namespace Telemetry.Meters.Linux;

internal static class ProcFile
{
    /// <summary>The file's text; empty when it cannot be read: no such file, no right, or its process has just ended.</summary>
    public static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
