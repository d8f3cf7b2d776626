using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Control;

/// <summary>A listener of the control endpoint.</summary>
internal interface IControlServer
{
    void Stop();

    /// <summary>Called at the exit of a process that does not stop its host.</summary>
    void OnProcessExit();
}

/// <summary>The control endpoint of a master. Whatever happens to it has no effect on the program.</summary>
internal sealed class ControlEndpoint : IDisposable
{
    private readonly IControlServer _server;

    private ControlEndpoint(IControlServer server)
    {
        _server = server;
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    /// <summary>Starts the endpoint on another thread.</summary>
    /// <returns>The endpoint, or null if the settings disable it or the system refuses it.</returns>
    public static ControlEndpoint? Start(ControlHost host, ControlSettings settings)
    {
        if (!settings.IsEnabled)
        {
            return null;
        }

        try
        {
            return new ControlEndpoint(
                OperatingSystem.IsWindows() ? new ControlPipeServer(host) : new ControlSocketServer(host, settings));
        }
        catch (OutOfMemoryException)
        {
            // Thread.Start throws this exception at the limit of threads.
            host.Log(logger => Log.ControlUnavailable(logger, LogLevel.Information, "the system does not allow another thread; raise TasksMax of the service, or ulimit -u"));
            return null;
        }
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        _server.Stop();
    }

    private void OnProcessExit(object? sender, EventArgs e) => _server.OnProcessExit();
}
