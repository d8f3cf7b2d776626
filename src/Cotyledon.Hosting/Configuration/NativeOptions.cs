using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Makes the native compiler include the generic types that every host requests from its container.</summary>
/// <remarks>
/// The container creates these types by reflection. The process builds types that the compiler has not seen at run time, which took nearly
/// half of the instructions of a starting worker and a third of its memory.
/// </remarks>
internal static class NativeOptions
{
    /// <summary>References the types without running code for them.</summary>
    /// <param name="services">Used in a condition that is never true, but that the compiler cannot evaluate.</param>
    public static void Include(IServiceCollection services)
    {
        if (!RuntimeFeature.IsDynamicCodeSupported && services.Count < 0)
        {
            IncludeAll();
        }
    }

    /// <remarks>A separate method, so that a process without native code does not load these types.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void IncludeAll()
    {
        Include<HostOptions>();
        Include<LoggerFactoryOptions>();
        Include<LoggerFilterOptions>();
        Include<MetricsOptions>();
        Include<ConsoleLoggerOptions>();
        Include<ConsoleFormatterOptions>();
        Include<JsonConsoleFormatterOptions>();
        Include<SimpleConsoleFormatterOptions>();
        Include<CotyledonOptions>();
        Include<CotyledonWorkerOptions>();
    }

    private static void Include<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>()
        where T : class
    {
        var factory = new OptionsFactory<T>([], []);
        GC.KeepAlive(new CandidateOptions<T>(factory));
        GC.KeepAlive(new OptionsMonitor<T>(factory, [], new OptionsCache<T>()));
        GC.KeepAlive(new OptionsMonitor<T>(factory, [], new CandidateOptionsCache<T>()));
    }
}
