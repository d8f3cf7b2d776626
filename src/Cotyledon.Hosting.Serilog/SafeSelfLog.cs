using Serilog.Debugging;

namespace Cotyledon.Hosting.Serilog;

/// <summary>Writes to the <see cref="SelfLog"/> of Serilog. Its output is code of the program, whose exceptions are ignored.</summary>
internal static class SafeSelfLog
{
    public static void Write(string format, object argument)
    {
        try
        {
            SelfLog.WriteLine(format, argument);
        }
        catch (Exception)
        {
            // There is no other place to report it, and the thread that writes the log must go on.
        }
    }
}
