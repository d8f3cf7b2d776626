using System.Globalization;
using System.Runtime.Versioning;
using Cotyledon.Hosting.Processes;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Control;

/// <summary>
/// Listens on the control socket and serves its connections, on one thread that waits in poll(2). It answers although the program blocks
/// the thread pool, and does not use the supervisor's thread.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class ControlSocketServer : IControlServer
{
    /// <summary>How long no connection is accepted after the system has refused one, for example because no descriptor is left.</summary>
    private static readonly TimeSpan RefusedDelay = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    private readonly ControlHost _host;
    private readonly ControlSettings _settings;
    private readonly List<ControlConnection> _connections = [];
    private readonly PollDescriptor[] _polled = new PollDescriptor[ControlLimits.MaxConnections + 2];
    private readonly Lock _gate = new();
    private readonly Thread _thread;
    private ControlSocketFile? _file;
    private (int Reader, int Writer) _wake = (-1, -1);
    private byte[]? _buffer;
    private long? _refusedAt;
    private volatile bool _isStopping;

    public ControlSocketServer(ControlHost host, ControlSettings settings)
    {
        (_host, _settings) = (host, settings);
        _thread = new Thread(Run) { IsBackground = true, Name = "cotyledon control" };
        _thread.UnsafeStart();
    }

    /// <summary>Closes the connections and deletes the file.</summary>
    public void Stop()
    {
        _isStopping = true;
        Wake();
        _thread.Join(StopTimeout);
    }

    /// <summary>Deletes the file at the exit of a process that does not stop its host.</summary>
    public void OnProcessExit() => Volatile.Read(ref _file)?.DeleteFile();

    private void Run()
    {
        try
        {
            var file = ControlSocketFile.Open(_settings, _host.Application);
            Volatile.Write(ref _file, file);
            lock (_gate)
            {
                _wake = Libc.SocketPair();
            }

            _host.Log(logger => Log.ControlStarted(logger, file.Path));
            while (!_isStopping)
            {
                Serve(file.Socket);
            }
        }
        catch (Exception e) when (e is ControlException or NativeException && _file is null)
        {
            // A directory or group of the settings that cannot be used is an error of the operator.
            var level = _settings.Directory is null && _settings.Group is null ? LogLevel.Information : LogLevel.Warning;
            _host.Log(logger => Log.ControlUnavailable(logger, level, e.Message));
        }
        catch (Exception e)
        {
            _host.Log(logger => Log.ControlFailed(logger, e));
        }
        finally
        {
            Close();
        }
    }

    /// <summary>Waits for events, and handles them.</summary>
    private void Serve(int listener)
    {
        var delay = _refusedAt is { } since ? RefusedDelay - _host.Clock.GetElapsedTime(since) : TimeSpan.Zero;
        _polled[0] = new PollDescriptor(_wake.Reader, PollEvents.In);
        _polled[1] = new PollDescriptor(delay > TimeSpan.Zero ? -1 : listener, PollEvents.In);
        for (var i = 0; i < _connections.Count; i++)
        {
            _polled[i + 2] = new PollDescriptor(_connections[i].Socket, _connections[i].Wanted);
        }

        var left = _connections.Select(c => c.Left()).Append(delay > TimeSpan.Zero ? delay : TimeSpan.MaxValue).Min();
        var count = _connections.Count;
        Libc.Poll(_polled.AsSpan(0, count + 2), left == TimeSpan.MaxValue ? null : left > TimeSpan.Zero ? left : TimeSpan.Zero);
        _buffer ??= new byte[16 * 1024];
        if (_polled[0].HasEvents)
        {
            Libc.Receive(_wake.Reader, _buffer);
        }

        // Backwards, because closed connections are removed.
        for (var i = count - 1; i >= 0; i--)
        {
            var connection = _connections[i];
            if (!TryServe(connection, _polled[i + 2].Returned, _buffer) || connection.Left() <= TimeSpan.Zero)
            {
                _connections.RemoveAt(i);
                connection.Dispose();
            }
        }

        if (_polled[1].HasEvents)
        {
            Accept(listener);
        }
        else if (_connections.Count == 0)
        {
            _buffer = null;
        }
    }

    private void Accept(int listener)
    {
        var socket = Libc.Accept(listener);
        _refusedAt = socket < 0 ? _host.Clock.GetTimestamp() : null;
        if (socket < 0)
        {
            return;
        }

        var (user, process) = Libc.PeerOf(socket) ?? (uint.MaxValue, 0);
        if (ControlPeer.Of(user, process, OwnedFile.UserId, _settings) is not { } peer)
        {
            _host.Refusals.Write(logger => Log.ControlRefused(logger, user, process));
            Refuse(socket, new ControlError(ControlError.DeniedCode, "This user has no access to the program."));
        }
        else if (_connections.Count == ControlLimits.MaxConnections)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{ControlLimits.MaxConnections} connections are open already; close one of them.");
            Refuse(socket, new ControlError(ControlError.FailedCode, text));
        }
        else
        {
            // It is greeted in the next round.
            _connections.Add(new ControlConnection(socket, _host, peer, Wake));
            Wake();
        }
    }

    private bool TryServe(ControlConnection connection, PollEvents returned, byte[] buffer)
    {
        try
        {
            return connection.Serve(returned, buffer);
        }
        catch (Exception e)
        {
            // A bug. It ends this connection only.
            _host.Log(logger => Log.ControlConnectionFailed(logger, e));
            return false;
        }
    }

    private static void Refuse(int socket, ControlError error)
    {
        Libc.SendSome(socket, ControlLines.Error(null, error));
        _ = Libc.Close(socket);
    }

    private void Wake()
    {
        lock (_gate)
        {
            if (_wake.Writer >= 0)
            {
                Libc.SendSome(_wake.Writer, [1]);
            }
        }
    }

    private void Close()
    {
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }

        _file?.Close();
        lock (_gate)
        {
            if (_wake.Writer >= 0)
            {
                _ = Libc.Close(_wake.Reader);
                _ = Libc.Close(_wake.Writer);
                _wake = (-1, -1);
            }
        }
    }
}
