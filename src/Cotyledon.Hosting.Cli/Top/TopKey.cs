namespace Cotyledon.Hosting.Cli.Top;

/// <summary>The columns by which <c>top</c> sorts.</summary>
internal enum TopSort
{
    Service,
    Cpu,
    Memory,
    Restarts,
    Up,
}

/// <summary>The input that <c>top</c> waits for.</summary>
internal abstract record TopInput
{
    private TopInput()
    {
    }

    /// <summary>A key was pressed.</summary>
    public sealed record KeyPressed(ConsoleKeyInfo Key) : TopInput;

    /// <summary>The program has answered.</summary>
    public sealed record StatusReceived(Client.StatusRecord Status) : TopInput;

    /// <summary>The terminal has another size, or was continued.</summary>
    public sealed record Resized : TopInput;

    /// <summary>Some time has passed.</summary>
    public sealed record TimePassed : TopInput;

    /// <summary>The program cannot be asked any more.</summary>
    public sealed record Failed(Exception Exception) : TopInput;
}
