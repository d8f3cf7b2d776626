using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Web.Serving;

/// <summary>Counts the requests of a worker and asks for its replacement at the limit.</summary>
internal sealed class RequestLimit(IOptions<CotyledonWebOptions> options) : IStartupFilter
{
    // RandomNumberGenerator would need OpenSSL, which small images do not have.
    private readonly long? _limit = options.Value.MaxRequests is { } max ? max - ((uint)Guid.NewGuid().GetHashCode() % ((max / 10) + 1)) : null;

    private const long AskAgain = 100;

    private long _count;

    /// <summary>Called at the limit, and again at each hundredth request after it.</summary>
    public Action? Reached { get; set; }

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        if (_limit is { } limit)
        {
            app.Use(inner => context =>
            {
                // Asked again from time to time, because the channel to the master may have been full.
                if (Interlocked.Increment(ref _count) - limit is >= 0 and var beyond && beyond % AskAgain == 0)
                {
                    Reached?.Invoke();
                }

                return inner(context);
            });
        }

        next(app);
    };
}
