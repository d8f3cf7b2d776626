using System.Diagnostics.CodeAnalysis;
using System.IO.Pipes;
using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Control;

/// <summary>Listens on a named pipe that only the same user can open.</summary>
[SupportedOSPlatform("windows")]
[SuppressMessage("Design", "CA1001", Justification = "Connections use its fields until they have ended.")]
internal sealed class ControlPipeServer : IControlServer
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _free = new(ControlLimits.MaxConnections);
    private readonly ControlHost _host;

    public ControlPipeServer(ControlHost host)
    {
        _host = host;
        _ = Task.Run(RunAsync);
    }

    /// <summary>Returns the name of the pipe of a program.</summary>
    public static string NameOf(string application, int processId) =>
        $"cotyledon.{ControlSocketName.Base(application, "", maxPath: 200)}.{processId}";

    public void Stop() => _stopping.Cancel();

    public void OnProcessExit()
    {
        // The system removes the pipe.
    }

    private async Task RunAsync()
    {
        var name = NameOf(_host.Application, Environment.ProcessId);
        try
        {
            _host.Log(logger => Log.ControlStarted(logger, name));
            while (true)
            {
                await _free.WaitAsync(_stopping.Token).ConfigureAwait(false);
                var pipe = new NamedPipeServerStream(
                    name,
                    PipeDirection.InOut,
                    ControlLimits.MaxConnections,
                    PipeTransmissionMode.Byte,
                    PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
                try
                {
                    await pipe.WaitForConnectionAsync(_stopping.Token).ConfigureAwait(false);
                }
                catch (Exception e)
                {
                    await pipe.DisposeAsync().ConfigureAwait(false);
                    if (e is IOException)
                    {
                        // The other end has closed its new connection already.
                        _free.Release();
                        continue;
                    }

                    throw;
                }

                _ = ServeAsync(pipe);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The program stops.
        }
        catch (Exception e)
        {
            _host.Log(logger => Log.ControlUnavailable(logger, LogLevel.Information, e.Message));
        }
    }

    private async Task ServeAsync(NamedPipeServerStream pipe)
    {
        try
        {
            using var connection = new ControlPipeConnection(pipe, _host);
            await connection.RunAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The other end has closed the pipe, or has exceeded a limit.
        }
        finally
        {
            await pipe.DisposeAsync().ConfigureAwait(false);
            _free.Release();
        }
    }
}
