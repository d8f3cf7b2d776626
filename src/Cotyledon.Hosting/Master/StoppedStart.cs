using Cotyledon.Hosting.HostProgram;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Master;

/// <summary>Ends the master normally if it is stopped while its host starts.</summary>
/// <remarks>
/// The token of the start is then cancelled, and hosted services that start later, such as the web server, throw an
/// <see cref="OperationCanceledException"/>, which few programs catch (https://github.com/dotnet/runtime/issues/111013). Without this class
/// the process would abort. The host reads its options, and so creates this object, when it is built.
/// </remarks>
internal sealed class StoppedStart(IServiceProvider services, MasterProcess process) : IPostConfigureOptions<HostOptions>
{
    private static volatile StoppedStart? _lastBuilt;
    private static int _isArmed;
    private readonly IHostApplicationLifetime? _lifetime = services.GetService<IHostApplicationLifetime>();
    private bool? _wasStopped;

    public void PostConfigure(string? name, HostOptions options)
    {
        _lastBuilt = this;
        if (ForeignHost.Kind == HostProgramKind.Application && Interlocked.Exchange(ref _isArmed, 1) == 0)
        {
            AppDomain.CurrentDomain.UnhandledException += (_, e) => _lastBuilt?.OnUnhandled((Exception)e.ExceptionObject);
        }
    }

    /// <summary>
    /// Called before the host is disposed of. If its start has failed for another reason, the master cancels the stopping token only after this
    /// call.
    /// </summary>
    public void OnDisposing() => _wasStopped ??= IsStopped();

    private bool IsStopped() => _lifetime is
    { ApplicationStopping.IsCancellationRequested: true, ApplicationStarted.IsCancellationRequested: false };

    private void OnUnhandled(Exception exception)
    {
        if (!process.IsGuest && IsCancellation(exception) && (_wasStopped ?? IsStopped()))
        {
            Environment.Exit(MasterExit.Code == 0 ? Environment.ExitCode : MasterExit.Code);
        }
    }

    private static bool IsCancellation(Exception exception) => exception is AggregateException several
        ? several.InnerExceptions.All(IsCancellation)
        : exception is OperationCanceledException;
}
