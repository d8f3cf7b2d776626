using System.Diagnostics;
using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests.Windows;

/// <summary>Runs programs that were published for Windows under Wine, in a prefix that exists for one test run.</summary>
internal static class Wine
{
    private static readonly TimeSpan CommandLimit = TimeSpan.FromMinutes(3);

    private static string _prefix = "";

    /// <summary>What is missing, and how to get it; <see langword="null"/> if programs can run.</summary>
    public static string? Missing =>
        Loader is null || Server is null ? "Wine is not installed. On Debian and Ubuntu: apt-get install wine64 wine" : null;

    /// <summary>The test program, published for Windows.</summary>
    public static string? Executable => Environment.GetEnvironmentVariable("COTYLEDON_WINDOWS_TESTAPP") is { Length: > 0 } file ? file : null;

    // Debian's /usr/bin/wine64 is a script that would be the parent of the program.
    private static string? Loader { get; } = First("/usr/lib/wine/wine64", "/usr/bin/wine64", "/usr/bin/wine");

    private static string? Server { get; } = First("/usr/lib/wine/wineserver64", "/usr/bin/wineserver", "/usr/lib/wine/wineserver");

    public static bool IsConsoleHost(int processId) => Linux.TitleOf(processId).Contains(@"\conhost.exe --server", StringComparison.Ordinal);

    /// <summary>Creates the prefix, and starts the server and the services of Wine, which stay until <see cref="End"/>.</summary>
    public static void Boot()
    {
        // Wine itself sometimes fails to create a prefix.
        if (!TryCreatePrefix())
        {
            End();
            Assert.That(TryCreatePrefix(), "wineboot has failed twice");
        }

        // Services inherit the environment of the boot from the service manager, so the server is ended and started again.
        Run(Server!, _ => { }, "--kill");
        Run(Server!, _ => { }, "--wait");
        Assert.That(Run(Server!, _ => { }, "--persistent"), Is.Zero);
        Assert.That(Run("reg", "add", @"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f"), Is.Zero, "the default is Windows 7");
    }

    /// <summary>Ends all processes of the prefix and deletes it.</summary>
    public static void End()
    {
        Run(Server!, _ => { }, "--kill");
        Run(Server!, _ => { }, "--wait");
        Directory.Delete(_prefix, recursive: true);
    }

    private static bool TryCreatePrefix()
    {
        _prefix = Directory.CreateTempSubdirectory("cotyledon-wine-").FullName;

        // The runtime of .NET must not be replaced by Wine's own. That is needed for the boot only.
        return Run(Loader!, start => start.Environment["WINEDLLOVERRIDES"] = "mscoree,mshtml=", "wineboot", "--init") == 0;
    }

    public static TestProgram Start(params string[] arguments) => Start(_ => { }, arguments);

    public static TestProgram Start(Action<ProcessStartInfo> configure, params string[] arguments) =>
        StartAs(Executable!, configure, arguments);

    public static TestProgram StartAs(string executable, Action<ProcessStartInfo> configure, params string[] arguments) =>
        TestProgram.StartAs(Loader!, start => configure(Prepare(start)), [executable, .. arguments]);

    public static TestProgram StartInTerminal(params string[] arguments) =>
        StartInTerminalAs($"{Executable} {string.Join(' ', arguments.Select(a => $"'{a}'"))}", _ => { });

    /// <summary>Starts a command of the shell in a terminal, which script(1) creates.</summary>
    public static TestProgram StartInTerminalAs(string command, Action<ProcessStartInfo> configure) => TestProgram.StartAs(
        "/usr/bin/script",
        start => configure(Prepare(start)),
        "--quiet", "--return", "--command", $"exec {Loader} {command}", "/dev/null");

    /// <summary>Runs a command of Windows and returns its exit code.</summary>
    public static int Run(params string[] command) => Run(Loader!, _ => { }, command);

    /// <summary>The Linux process of a Windows process, or 0: the test program gives its main thread a name.</summary>
    public static int ProcessOf(this TestProgram app, int windowsId) => app.Processes().FirstOrDefault(p => NameOf(p) == $"windows-{windowsId}");

    /// <summary>Whether a Windows process exists.</summary>
    public static bool Exists(int windowsId) => Linux.ProcessesWith($"WINEPREFIX={_prefix}").Any(p => NameOf(p) == $"windows-{windowsId}");

    /// <summary>Signals a process, given its id on Windows. Has no effect if it is gone.</summary>
    public static void Signal(this TestProgram app, int windowsId, int signal)
    {
        // 0 would be the process group of the tests.
        if (app.ProcessOf(windowsId) is > 0 and var process)
        {
            Linux.Send(process, signal);
        }
    }

    /// <summary>Kills a process, given its id on Windows, as the kernel of Linux does.</summary>
    public static void Kill(this TestProgram app, int windowsId) => app.Signal(windowsId, Linux.Kill);

    /// <summary>Requests a graceful stop, and asserts that the program exits with this code and leaves no process.</summary>
    public static async Task ShutDownAsync(this TestProgram app, int exitCode = 0)
    {
        app.Command("shutdown 0");
        Assert.That(await app.WaitForExitAsync(), Is.EqualTo(exitCode), app.Describe);
        await app.UntilGoneAsync();
    }

    private static string NameOf(int processId)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/comm")).TrimEnd();
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static string? First(params string[] files) => files.FirstOrDefault(File.Exists);

    private static ProcessStartInfo Prepare(ProcessStartInfo start)
    {
        start.Environment["WINEPREFIX"] = _prefix;
        start.Environment["WINEARCH"] = "win64";
        start.Environment["WINEDEBUG"] = "-all";

        // Without Wine's debugger, which holds a crashed process for seconds.
        start.Environment["WINEDLLOVERRIDES"] = "mshtml=;winedbg.exe=d";
        start.Environment["LANG"] = "C.UTF-8";

        // Wine does not support the way in which the runtime maps code twice.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        return start;
    }

    private static int Run(string file, Action<ProcessStartInfo> configure, params string[] arguments)
    {
        // The output is not read: the processes that Wine leaves running keep it open.
        var start = Prepare(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" > /dev/null 2>&1 < /dev/null", "sh", file, .. arguments]));
        configure(start);
        using var process = Process.Start(start)!;
        Assert.That(process.WaitForExit(CommandLimit), $"{file} {string.Join(' ', arguments)} has exited within {CommandLimit}");
        return process.ExitCode;
    }
}
