using Cotyledon.Hosting.Cli.Discovery;
using Cotyledon.Hosting.Cli.Output;

namespace Cotyledon.Hosting.Cli;

/// <summary>The parts of the system that the tool uses. Tests replace it.</summary>
internal sealed record ToolEnvironment
{
    public required Terminal Terminal { get; init; }

    public required ISocketFinder Sockets { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where processes are looked up. On other systems than Linux it does not exist.</summary>
    public string ProcessDirectory { get; init; } = "/proc";

    /// <summary>Gets the version of the tool, which is that of the packages.</summary>
    public static string Version { get; } = typeof(ToolEnvironment).Assembly.GetName().Version!.ToString(3);
}
