namespace Cotyledon.Hosting.Control;

/// <summary>The limits of the connections.</summary>
internal static class ControlLimits
{
    public const int MaxConnections = 8;

    /// <summary>From the connection to the end of the first line, and from the first byte of a line to its end.</summary>
    public static readonly TimeSpan LineTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Without a request.</summary>
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Without a byte that the other end has taken, while bytes wait.</summary>
    public static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(10);
}
