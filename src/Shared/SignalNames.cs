using System.Globalization;

namespace Cotyledon.Hosting.Shared;

/// <summary>The names of signals: signal(7). Their numbers differ between Linux and macOS.</summary>
internal static class SignalNames
{
    private const string Linux =
        "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM "
        + "PROF WINCH IO PWR SYS";

    private const string Apple =
        "HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM URG STOP TSTP CONT CHLD TTIN TTOU IO XCPU XFSZ VTALRM PROF "
        + "WINCH INFO USR1 USR2";

    /// <summary>Returns the name of a signal, such as SIGKILL, or the number of a real-time signal, which has no name.</summary>
    public static string Of(int signal) => Of(signal, OperatingSystem.IsMacOS());

    internal static string Of(int signal, bool onApple)
    {
        var names = (onApple ? Apple : Linux).Split(' ');
        return signal > 0 && signal <= names.Length
            ? $"SIG{names[signal - 1]}"
            : $"signal {signal.ToString(CultureInfo.InvariantCulture)}";
    }
}
