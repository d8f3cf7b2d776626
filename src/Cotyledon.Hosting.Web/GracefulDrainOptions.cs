namespace Cotyledon.Hosting.Web;

/// <summary>Contains the options of <c>UseGracefulDrain</c>.</summary>
public sealed class GracefulDrainOptions
{
    /// <summary>
    /// Gets or sets how long idle connections stay open when the application stops, so that a client can still use them for one request,
    /// which is answered with <c>Connection: close</c>. The drain ends earlier if no connection is open. It is a part of
    /// <c>HostOptions.ShutdownTimeout</c>.
    /// </summary>
    /// <value>Five seconds by default. More than zero, at most one hour.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);
}
