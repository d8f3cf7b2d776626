namespace Cotyledon.Hosting.Cli;

/// <summary>The exit codes of the tool. They are part of its interface: scripts read them.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The action has failed or was aborted.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong, or several programs match.</summary>
    public const int Usage = 2;

    public const int NothingRuns = 3;
    public const int NotPermitted = 4;

    /// <summary>The configuration is invalid.</summary>
    public const int Rejected = 5;

    /// <summary>The program speaks another version of the protocol.</summary>
    public const int Protocol = 6;

    /// <summary>The same as that of timeout(1).</summary>
    public const int Timeout = 124;

    /// <summary>Ctrl+C, as in a shell.</summary>
    public const int Interrupted = 130;

    /// <summary>SIGTERM, as in a shell.</summary>
    public const int Terminated = 143;
}
