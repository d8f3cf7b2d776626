using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.HostProgram;

/// <summary>Ends the master normally if it is stopped while its host starts.</summary>
/// <remarks>
/// The token of the start is then cancelled, and hosted services that start later, such as the web server, throw an
/// <see cref="OperationCanceledException"/>, which few programs catch (https://github.com/dotnet/runtime/issues/111013). Without this class
/// the process would abort.
/// </remarks>
/// <param name="services">The services of the host, which reads its options when it is built.</param>
internal sealed class StoppedStart(IServiceProvider services) : IPostConfigureOptions<HostOptions>
{
    private static volatile IHostApplicationLifetime? _lastBuilt;
    private static int _isArmed;

    public void PostConfigure(string? name, HostOptions options)
    {
        _lastBuilt = services.GetService<IHostApplicationLifetime>();
        if (Interlocked.Exchange(ref _isArmed, 1) == 0 && ForeignHost.Kind == HostProgramKind.Application)
        {
            AppDomain.CurrentDomain.UnhandledException += (_, e) => OnUnhandled((Exception)e.ExceptionObject);
        }
    }

    private static void OnUnhandled(Exception exception)
    {
        if (_lastBuilt is { ApplicationStopping.IsCancellationRequested: true, ApplicationStarted.IsCancellationRequested: false }
            && IsCancellation(exception))
        {
            Environment.Exit(MasterExit.Code);
        }
    }

    private static bool IsCancellation(Exception exception) => exception is AggregateException several
        ? several.InnerExceptions.All(IsCancellation)
        : exception is OperationCanceledException;
}
