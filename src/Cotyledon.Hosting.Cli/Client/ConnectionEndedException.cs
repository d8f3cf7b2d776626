namespace Cotyledon.Hosting.Cli.Client;

/// <summary>The program has closed the connection before the result: it has ended, or it stops.</summary>
internal sealed class ConnectionEndedException : Exception
{
    public ConnectionEndedException()
        : base("The program closed the connection before it sent the result.")
    {
    }
}
