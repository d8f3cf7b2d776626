namespace Cotyledon.Hosting;

/// <summary>The exit status of a process: an exit code, a signal, or unknown.</summary>
internal readonly record struct ExitStatus(int? Code, int? Signal)
{
    /// <summary>
    /// The status is not known: other code has reaped the process (the program ignores SIGCHLD, waits for any child, or is process 1 and uses
    /// <see cref="System.Diagnostics.Process"/>), or there is none.
    /// </summary>
    public static readonly ExitStatus Unknown = new(null, null);

    public static ExitStatus Exited(int code) => new(code, null);

    public static ExitStatus Signaled(int signal) => new(null, signal);
}
