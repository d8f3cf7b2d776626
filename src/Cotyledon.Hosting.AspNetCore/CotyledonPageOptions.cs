namespace Cotyledon.Hosting.AspNetCore;

/// <summary>The options of a live page.</summary>
/// <example>
/// <code>
/// app.MapCotyledon("/cotyledon", options =&gt;
/// {
///     options.ActionsPolicy = "operators";   // may scale, restart and kill; all others only read
///     options.MaxStreams = 100;              // pages that are open at the same time
/// }).RequireAuthorization();
/// </code>
/// </example>
public sealed class CotyledonPageOptions
{
    /// <summary>
    /// Gets or sets the name of the authorization policy for actions: scale, restart, reload, kill, shutdown, and changes of dead items. It is
    /// checked in addition to the authorization of the page.
    /// </summary>
    /// <value><see langword="null"/> by default: the page is read-only for everyone.</value>
    public string? ActionsPolicy { get; set; }

    /// <summary>Gets or sets the number of pages that can be open at the same time. Each one holds a connection.</summary>
    /// <value>32 by default. 1 to 1,000.</value>
    public int MaxStreams { get; set; } = 32;
}
