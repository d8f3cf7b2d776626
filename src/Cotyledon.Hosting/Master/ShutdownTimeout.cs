using Cotyledon.Hosting.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Master;

/// <summary>
/// Raises the shutdown timeout of the host, 30 seconds by default, to the time that hooks and workers may take. The host reads the value
/// when it stops.
/// </summary>
internal sealed class ShutdownTimeout(IOptions<HostOptions> options)
{
    /// <summary>The time for the rest of the shutdown, added to the timeouts of hooks and workers.</summary>
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(10);

    public void Raise(EffectiveSettings settings)
    {
        var host = options.Value;
        var timeouts = settings.Services.Select(s => s.GracefulTimeout).ToList();
        if (host.ShutdownTimeout == Timeout.InfiniteTimeSpan || timeouts.Contains(Timeout.InfiniteTimeSpan))
        {
            host.ShutdownTimeout = Timeout.InfiniteTimeSpan;
            return;
        }

        var needed = settings.Supervisor.HookTimeout + timeouts.Append(TimeSpan.Zero).Max() + Reserve;
        if (host.ShutdownTimeout < needed)
        {
            host.ShutdownTimeout = needed;
        }
    }
}
