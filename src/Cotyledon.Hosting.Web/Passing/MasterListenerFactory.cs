using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Shared;
using Cotyledon.Hosting.Web.Configuration;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Web.Passing;

/// <summary>
/// The transport of the master's server: binds the endpoints, so that all settings, errors and addresses are those of the server, but gives
/// their connections to workers.
/// </summary>
internal sealed partial class MasterListenerFactory(
    ICotyledonManager manager,
    IHostApplicationLifetime lifetime,
    IConfiguration configuration,
    IOptions<CotyledonWebOptions> options,
    IOptions<SocketTransportOptions> transportOptions,
    IMeterFactory meters,
    ILoggerFactory loggers,
    TimeProvider clock) : IConnectionListenerFactory, IConnectionListenerFactorySelector, ISideChannel, IWorkerLoadSource, IDisposable
{
    public const string ChannelName = "web";

    /// <summary>How long a measurement waits for the answers of workers, twice at most.</summary>
    private static readonly TimeSpan MeasureTimeout = TimeSpan.FromMilliseconds(200);

    private readonly SocketTransportFactory _sockets = new(transportOptions, loggers);
    private readonly Lock _gate = new();
    private readonly HashSet<string> _keys = [];
    private readonly Dictionary<string, int> _ids = [];
    private readonly HashSet<string> _files = [];
    private Dispatcher? _dispatcher;

    public string Name => ChannelName;

    /// <summary>Workers start when all endpoints are bound. If one cannot be bound, the program stops without having started any.</summary>
    public bool NeedsStartedHost => true;

    public bool CanBind(EndPoint endpoint) => _sockets.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        if (manager.GetOverview().IsInProcess)
        {
            return await _sockets.BindAsync(endpoint, cancellationToken).ConfigureAwait(false);
        }

        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException(
                "AddCotyledonWeb passes connections to worker processes, which needs Linux or macOS. On Windows set Cotyledon:Mode to InProcess.");
        }

        var isOwn = MasterEndpointAddresses.Of(configuration, options.Value.MasterEndpoints).Contains(endpoint);
        if (!isOwn && Reuse(endpoint) is { } reused)
        {
            return reused;
        }

        try
        {
            return await BindFreedAsync(endpoint, isOwn, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or AddressInUseException)
        {
            // The server may continue without the address: "localhost" without IPv6. So its workers have to know.
            var hasFamily = e is not SocketException { SocketErrorCode: SocketError.AddressFamilyNotSupported };
            Register(endpoint, address: null, socket: -1, hasFamily ? EndpointText.NotBound : EndpointText.NoAddressFamily);
            throw;
        }
    }

    string IWorkerLoadSource.Service => CotyledonWeb.ServiceName;

    public void OnWorkerStarted(Stream stream) => Dispatcher.Add(stream);

    public IReadOnlyList<WorkerLoad> Measure()
    {
        Dispatcher? dispatcher;
        lock (_gate)
        {
            dispatcher = _dispatcher;
        }

        return dispatcher?.Measure(MeasureTimeout) ?? [];
    }

    /// <summary>Closes the endpoints that the server has not released, as after a start that has failed.</summary>
    public void Dispose()
    {
        _dispatcher?.Dispose();
        _files.ToList().ForEach(Delete);
    }

    private Dispatcher Dispatcher
    {
        get
        {
            lock (_gate)
            {
                return _dispatcher ??= new Dispatcher(
                    options.Value.Affinity,
                    options.Value.MaxConnectionWait,
                    new DispatcherStatistics(meters),
                    GuardedLogger.Create(loggers, "Cotyledon.Hosting.Web"),
                    clock)
                {
                    ListenDescriptors = SystemdDescriptors(),
                };
            }
        }
    }

    /// <summary>Binds an address. If it is in use, closes the released endpoints that may be the reason, and tries once more.</summary>
    private async Task<IConnectionListener> BindFreedAsync(EndPoint requested, bool isOwn, CancellationToken cancellationToken)
    {
        try
        {
            return await BindNewAsync(requested, isOwn, cancellationToken).ConfigureAwait(false);
        }
        catch (AddressInUseException)
        {
            await CloseReleasedAsync(requested).ConfigureAwait(false);
            return await BindNewAsync(requested, isOwn, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<IConnectionListener> BindNewAsync(EndPoint requested, bool isOwn, CancellationToken cancellationToken)
    {
        if (!isOwn)
        {
            return Bind(requested);
        }

        var own = await _sockets.BindAsync(requested, cancellationToken).ConfigureAwait(false);
        return new MasterServedListener(own, Forget(Register(requested, own.EndPoint, socket: -1)));
    }

    private MasterListener Bind(EndPoint requested)
    {
        Socket? socket = null;
        try
        {
            socket = transportOptions.Value.CreateBoundListenSocket(requested);
            socket.Listen(transportOptions.Value.Backlog);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            if (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                throw new AddressInUseException(e.Message, e);
            }

            throw;
        }

        var address = socket.LocalEndPoint ?? requested;
        var endpoint = Register(requested, address, TakeDescriptor(socket));
        if (FileOf(requested) is { } file)
        {
            lock (_gate)
            {
                _files.Add(file);
            }
        }

        return new MasterListener(this, endpoint, requested, address);
    }

    /// <summary>
    /// Takes the descriptor from its object, which would set SO_LINGER when it is closed (dotnet/runtime#70311), also for the service manager
    /// that owns the socket too, and whose finalizer would delete the file of a Unix socket, perhaps that of a later one.
    /// </summary>
    [SuppressMessage("Usage", "CA1816", Justification = "The finalizer of another object must not run, because its descriptor was taken.")]
    private static int TakeDescriptor(Socket socket)
    {
        var descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        socket.SafeHandle.SetHandleAsInvalid();
        GC.SuppressFinalize(socket);
        Libc.SetNonBlocking(descriptor);
        return descriptor;
    }

    private MasterEndpoint Register(EndPoint requested, EndPoint? address, int socket, string error = EndpointText.NotBound)
    {
        MasterEndpoint endpoint;
        lock (_gate)
        {
            var key = EndpointText.KeyOf(requested, _keys);
            if (address is not null)
            {
                _keys.Add(key);
            }

            // The same key has the same id, so that workers which have bound it before can take its connections.
            if (!_ids.TryGetValue(key, out var id))
            {
                _ids[key] = id = _ids.Count;
            }

            endpoint = new MasterEndpoint(id, key, address is null ? error : EndpointText.Of(address), socket);
        }

        Dispatcher.Add(endpoint);
        return endpoint;
    }

    /// <summary>Returns what a master's own listener does when it is released.</summary>
    private Func<Task> Forget(MasterEndpoint endpoint) => () =>
    {
        lock (_gate)
        {
            _keys.Remove(endpoint.Key);
        }

        return Dispatcher.RemoveAsync(endpoint);
    };

    /// <summary>The file of a Unix socket; <see langword="null"/> for other endpoints, and for the abstract namespace of Linux.</summary>
    private static string? FileOf(EndPoint endpoint) =>
        endpoint is UnixDomainSocketEndPoint && endpoint.ToString() is { Length: > 0 } path && path[0] != '@' ? path : null;

    private static void Delete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next start reports that the address is in use.
        }
    }

    /// <summary>Returns the number of descriptors that systemd has passed to this process (sd_listen_fds(3)).</summary>
    private static int SystemdDescriptors() =>
        Environment.GetEnvironmentVariable("LISTEN_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
        && int.TryParse(Environment.GetEnvironmentVariable("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : 0;
}
