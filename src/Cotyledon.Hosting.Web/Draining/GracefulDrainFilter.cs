using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Cotyledon.Hosting.Web.Draining;

/// <summary>Adds <see cref="GracefulDrain"/> in front of the other middleware.</summary>
internal sealed class GracefulDrainFilter(GracefulDrain drain) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(inner => context => drain.InvokeAsync(context, inner));
        next(app);
    };
}
