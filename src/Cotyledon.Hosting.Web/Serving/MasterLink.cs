using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Shared;
using Cotyledon.Hosting.Web.Passing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Web.Serving;

/// <summary>The worker's end of the socket pair to the master: receives endpoints and connections, and reports what becomes of them.</summary>
internal sealed class MasterLink : IDisposable
{
    /// <summary>
    /// The longest wait for an endpoint. The master has bound all endpoints before it starts workers, unless the endpoints were changed since.
    /// </summary>
    private static readonly TimeSpan EndpointTimeout = TimeSpan.FromSeconds(5);

    private readonly Socket _socket;
    private readonly FrameSplitter _frames;
    private readonly Queue<int> _descriptors = new();
    private readonly byte[] _buffer = new byte[4096];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<(int Id, string Address)>> _endpoints = new();
    private readonly ConcurrentDictionary<int, WorkerListener> _listeners = new();
    private readonly SocketConnectionContextFactory _contexts;
    private readonly SocketTransportOptions _options;
    private readonly ILogger _logger;
    private volatile bool _isLeaving;
    private int _open;
    private int _closed;
    private int _isReportingClosed;

    /// <param name="stream">The side channel, after the setup was read from it.</param>
    /// <param name="options">The options of connections.</param>
    /// <param name="loggers">The log of the process.</param>
    public MasterLink(NetworkStream stream, IOptions<SocketTransportOptions> options, ILoggerFactory loggers)
    {
        _socket = stream.Socket;
        _frames = new FrameSplitter(WebFrame.MaxLength, (kind, fields) => Handle((WebFrameKind)kind, fields));
        _options = options.Value;
        _logger = GuardedLogger.Create(loggers, "Cotyledon.Hosting.Web");
        _contexts = new SocketConnectionContextFactory(
            new SocketConnectionFactoryOptions
            {
                IOQueueCount = _options.IOQueueCount,
                MaxReadBufferSize = _options.MaxReadBufferSize,
                MaxWriteBufferSize = _options.MaxWriteBufferSize,
                UnsafePreferInlineScheduling = _options.UnsafePreferInlineScheduling,
                WaitForDataBeforeAllocatingBuffer = _options.WaitForDataBeforeAllocatingBuffer,
            },
            loggers.CreateLogger("Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets"));
        _ = ReadAsync();
    }

    /// <summary>Returns the number of requests that have arrived.</summary>
    public Func<long>? CountRequests { get; set; }

    /// <summary>The number of connections that were received and not closed.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Completes when the master sends no further connection, or has exited.</summary>
    public Task Ended => _ended.Task;

    /// <summary>
    /// Finds an endpoint of the master. Its address is one of the constants of <see cref="EndpointText"/> if the master could not bind it. Returns
    /// <see langword="null"/> if the master has no such endpoint.
    /// </summary>
    public async Task<(int Id, string Address)?> FindAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await EndpointOf(key).Task.WaitAsync(EndpointTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.UnknownEndpoint(_logger, key);
            return null;
        }
    }

    /// <summary>Tells the master that the server listens on an endpoint.</summary>
    public async Task<WorkerListener> ListenAsync(int id, EndPoint address, Action release)
    {
        var listener = _listeners[id] = new WorkerListener(this, address, release);
        await SendAsync(WebFrame.Bound(id)).ConfigureAwait(false);
        return listener;
    }

    /// <summary>Tells the master that this worker is ready.</summary>
    public Task ServeAsync(int workerId) => SendAsync(WebFrame.Serving(workerId));

    /// <summary>
    /// Tells the master that this worker stops. The master then ends its direction if another worker serves, or at once if
    /// <paramref name="isFinal"/> is set.
    /// </summary>
    public Task LeaveAsync(bool isFinal)
    {
        _isLeaving = true;
        return SendAsync(WebFrame.Leaving(isFinal));
    }

    /// <summary>Takes a connection for the server. Returns <see langword="null"/> if it cannot be used.</summary>
    public async Task<ConnectionContext?> TakeAsync(long number, int descriptor)
    {
        // Before anything is read from it: from now on, the master does not pass it to another worker if this one exits.
        await SendAsync(WebFrame.Accepted(number)).ConfigureAwait(false);
        var handle = new SafeSocketHandle(descriptor, ownsHandle: true);
        try
        {
            var socket = new Socket(handle);
            if (socket.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)
            {
                socket.NoDelay = _options.NoDelay;
            }

            var context = _contexts.Create(socket);
            context.ConnectionClosed.UnsafeRegister(static (link, _) => ((MasterLink)link!).OnClosed(), this);
            return context;
        }
        catch (Exception e)
        {
            // Mostly, the client has left. An exception would end the loop of the server that takes connections.
            if (e is not (SocketException or ObjectDisposedException))
            {
                Log.ConnectionNotTaken(_logger, ExceptionText.Of(e));
            }

            handle.Dispose();
            OnClosed();
            return null;
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task ReadAsync()
    {
        try
        {
            do
            {
                // Waits for data without reading it, because only recvmsg gives the descriptors.
                await _socket.ReceiveAsync(Memory<byte>.Empty).ConfigureAwait(false);
            }
            while (ReadAvailable());
        }
        catch (InvalidDataException e)
        {
            Log.BadMasterFrame(_logger, e.Message);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The master has exited, or this process does.
        }

        _ended.TrySetResult();
        if (!_isLeaving)
        {
            WorkerProcess.ReportMasterExit();
        }
    }

    /// <summary>Handles the available messages. Each call of the system returns at most one descriptor.</summary>
    /// <returns><see langword="false"/> at the end.</returns>
    private bool ReadAvailable()
    {
        int count;
        while ((count = Libc.ReceiveDescriptors((int)_socket.Handle, _buffer, _descriptors)) > 0)
        {
            _frames.Feed(_buffer.AsSpan(0, count));
        }

        return count < 0 && Libc.IsTransient(Marshal.GetLastPInvokeError());
    }

    private void Handle(WebFrameKind kind, FieldReader fields)
    {
        switch (kind)
        {
            case WebFrameKind.Endpoint:
                var (id, key, address) = (fields.Int32(), fields.Text(), fields.Text());
                if (!EndpointOf(key).TrySetResult((id, address)))
                {
                    var changed = new TaskCompletionSource<(int, string)>();
                    changed.SetResult((id, address));
                    _endpoints[key] = changed;
                }

                break;
            case WebFrameKind.Count:
                _ = SendAsync(WebFrame.Counted(CountRequests?.Invoke() ?? 0));
                break;
            case WebFrameKind.Connection when _descriptors.TryDequeue(out var socket):
                Receive(fields.Int32(), fields.Int64(), socket);
                break;
            default:
                throw new InvalidDataException($"A message of kind {kind} is not expected.");
        }
    }

    private void Receive(int endpoint, long number, int socket)
    {
        Interlocked.Increment(ref _open);
        if (socket >= 0 && _listeners.TryGetValue(endpoint, out var listener) && listener.TryAdd(number, socket))
        {
            return;
        }

        Interlocked.Decrement(ref _open);
        if (socket >= 0)
        {
            _ = Libc.Close(socket);
        }
        else
        {
            Log.ConnectionNotTaken(_logger, "This process has too many open files. Raise LimitNOFILE of the service, or ulimit -n.");
        }

        _ = SendAsync(WebFrame.Returned(number));
    }

    /// <summary>Reports a closed connection. Those that are closed during the report are reported together.</summary>
    private void OnClosed()
    {
        Interlocked.Decrement(ref _open);
        Interlocked.Increment(ref _closed);
        if (Interlocked.Exchange(ref _isReportingClosed, 1) == 0)
        {
            _ = ReportClosedAsync();
        }
    }

    private async Task ReportClosedAsync()
    {
        do
        {
            while (Interlocked.Exchange(ref _closed, 0) is > 0 and var count)
            {
                await SendAsync(WebFrame.Closed(count)).ConfigureAwait(false);
            }

            Interlocked.Exchange(ref _isReportingClosed, 0);
        }
        while (Volatile.Read(ref _closed) > 0 && Interlocked.Exchange(ref _isReportingClosed, 1) == 0);
    }

    /// <summary>Sends a message. Does nothing if the master has exited.</summary>
    private async Task SendAsync(byte[] frame)
    {
        try
        {
            await _socket.SendAsync(frame).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end of the link stops the worker.
        }
    }

    private TaskCompletionSource<(int Id, string Address)> EndpointOf(string key) => _endpoints.GetOrAdd(
        key, _ => new TaskCompletionSource<(int Id, string Address)>(TaskCreationOptions.RunContinuationsAsynchronously));
}
