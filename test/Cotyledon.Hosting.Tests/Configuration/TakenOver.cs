using Cotyledon.Hosting.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary>Configurations that a master has taken over.</summary>
internal static class TakenOver
{
    public static MasterConfiguration From(IConfiguration configuration)
    {
        var master = new MasterConfiguration(new ServiceCollection().AddSingleton(configuration).BuildServiceProvider());
        master.TakeOver();
        return master;
    }
}
