namespace Cotyledon.Hosting;

/// <summary>The effective options of the control endpoint.</summary>
internal sealed record ControlSettings
{
    public static readonly ControlSettings Disabled = new() { IsEnabled = false };

    public bool IsEnabled { get; init; } = true;

    /// <summary>The directory of the socket; <see langword="null"/> for the default directories.</summary>
    public string? Directory { get; init; }

    public string? Group { get; init; }

    public bool GroupMayControl { get; init; }

    public static ControlSettings From(CotyledonControlOptions options) => new()
    {
        IsEnabled = options.Enabled,
        Directory = options.Path,
        Group = options.Group,
        GroupMayControl = options.GroupMayControl,
    };
}
