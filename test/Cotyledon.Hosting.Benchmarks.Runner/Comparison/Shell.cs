using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

/// <summary>Finds and runs other programs.</summary>
internal static partial class Shell
{
    /// <summary>Looks for an executable on the PATH.</summary>
    public static string? TryFind(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Select(directory => Path.Combine(directory, program))
        .FirstOrDefault(File.Exists);

    /// <summary>Runs a program and returns what it prints.</summary>
    /// <returns><see langword="null"/> if there is no such program, or if it fails.</returns>
    public static string? TryRun(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };

        // Otherwise PM2 creates a directory in the user's home.
        start.Environment["PM2_HOME"] = Path.Combine(AppContext.BaseDirectory, "pm2");
        try
        {
            using var process = Process.Start(start)!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            var output = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Returns the first text that looks like a version.</summary>
    public static string VersionIn(string text) => VersionPattern().Match(text).Value;

    [GeneratedRegex(@"\d+(\.\d+)+")]
    private static partial Regex VersionPattern();
}
