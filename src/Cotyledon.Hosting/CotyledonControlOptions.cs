namespace Cotyledon.Hosting;

/// <summary>
/// Contains the options of the control endpoint of the master, section <c>Cotyledon:Control</c>. The configuration overrides code. A change
/// takes effect when the program is started again.
/// </summary>
/// <example>
/// <code>
/// builder.Services.AddCotyledon().Configure(options =&gt;
/// {
///     options.Control.Enabled = true;
///     options.Control.Path = "/run/my-app";
///     options.Control.Group = "operators";
///     options.Control.GroupMayControl = true;
/// });
/// </code>
/// </example>
public sealed class CotyledonControlOptions
{
    /// <summary>
    /// Gets or sets whether the master listens on a Unix socket, or on a named pipe on Windows, for requests of the same user and of root.
    /// </summary>
    /// <value><see langword="true"/> by default.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>Gets or sets the directory of the socket. It has no effect on Windows.</summary>
    /// <value>
    /// <see langword="null"/> by default: the first usable directory of <c>$RUNTIME_DIRECTORY</c>, <c>/run/cotyledon</c> (root only),
    /// <c>$XDG_RUNTIME_DIR/cotyledon</c> and <c>/tmp/cotyledon-UID</c>. An absolute path. The directory must belong to the user of the
    /// program, and only this user may write to it. It is created if its parent exists.
    /// </value>
    public string? Path { get; set; }

    /// <summary>Gets or sets the name or number of a group whose members may see the state of the program. It has no effect on Windows.</summary>
    /// <value><see langword="null"/> by default: no group. The user of the program must be root or a member of the group.</value>
    public string? Group { get; set; }

    /// <summary>Gets or sets whether the members of <see cref="Group"/> may also control the program.</summary>
    /// <value><see langword="false"/> by default.</value>
    public bool GroupMayControl { get; set; }
}
