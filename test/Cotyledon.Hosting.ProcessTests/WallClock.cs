using System.ComponentModel;
using System.Diagnostics;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The wall clock of one program, which a test can set at run time: see <c>wallclock.c</c>.</summary>
internal sealed class WallClock
{
    private string _offset = "";

    /// <summary>Prepares the start of a program with this clock, which its workers inherit.</summary>
    public void GiveTo(ProcessStartInfo start)
    {
        var library = Path.Combine(start.WorkingDirectory, "wallclock.so");
        Compile("-shared", "-fPIC", "-O1", "-o", library, Path.Combine(AppContext.BaseDirectory, "wallclock.c"));
        _offset = Path.Combine(start.WorkingDirectory, "wallclock");
        Set(TimeSpan.Zero);
        start.Environment["LD_PRELOAD"] = library;
        start.Environment["WALL_CLOCK_OFFSET"] = _offset;
    }

    /// <summary>Sets the clock to this offset from the true time. The program sees it immediately.</summary>
    public void Set(TimeSpan offset)
    {
        // In place, because the program has mapped the file.
        using var file = new FileStream(_offset, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        file.Write(BitConverter.GetBytes((long)offset.TotalSeconds));
    }

    /// <summary>Runs the C compiler. Skips the test if there is none.</summary>
    public static void Compile(params string[] arguments)
    {
        try
        {
            using var compiler = Process.Start("gcc", arguments);
            compiler.WaitForExit();
            Assert.That(compiler.ExitCode, Is.Zero, "gcc");
        }
        catch (Win32Exception)
        {
            Assert.Ignore("gcc is not installed, which compiles small programs of the tests: apt-get install gcc libc6-dev.");
        }
    }
}
