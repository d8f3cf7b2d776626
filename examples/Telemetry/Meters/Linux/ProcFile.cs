namespace Telemetry.Meters.Linux;

internal static class ProcFile
{
    /// <summary>
    /// Reads a file. Returns an empty text if it cannot be read: it does not exist, the permission is missing, or its process has just
    /// exited.
    /// </summary>
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
