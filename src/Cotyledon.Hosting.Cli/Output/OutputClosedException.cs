namespace Cotyledon.Hosting.Cli.Output;

/// <summary>Nothing reads the output any more, as after <c>cotyledon events --follow | head</c>.</summary>
internal sealed class OutputClosedException : Exception
{
    public OutputClosedException()
        : base("Nothing reads standard output any more.")
    {
    }
}
