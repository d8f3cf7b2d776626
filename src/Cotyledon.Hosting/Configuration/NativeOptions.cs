using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Makes the compiler of native code include the generic types that every host asks its container for.</summary>
/// <remarks>
/// The container makes these types by reflection. Where the compiler has not seen one, the process builds it at run time: this was
/// nearly half of the instructions of a starting worker, and a third of its memory.
/// </remarks>
internal static class NativeOptions
{
    /// <param name="services">Used in a condition that is never true, which the compiler cannot know.</param>
    public static void Include(IServiceCollection services)
    {
        if (!RuntimeFeature.IsDynamicCodeSupported && services.Count < 0)
        {
            IncludeAll();
        }
    }

    /// <remarks>A method of its own, whose types a process without native code does not load.</remarks>
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
