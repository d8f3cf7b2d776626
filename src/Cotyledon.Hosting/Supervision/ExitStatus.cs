namespace Cotyledon.Hosting.Supervision;

/// <summary>How the operating system says a process ended: a code, or a signal, or nobody knows.</summary>
internal readonly record struct ExitStatus(int? Code, int? Signal)
{
    /// <summary>Somebody else collected the exit first: the program ignores SIGCHLD, or waits for any child.</summary>
    public static readonly ExitStatus Unknown = new(null, null);

    public static ExitStatus Exited(int code) => new(code, null);

    public static ExitStatus Signaled(int signal) => new(null, signal);
}
