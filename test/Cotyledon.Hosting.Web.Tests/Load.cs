using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Cotyledon.Hosting.Web.Tests;

/// <summary>The kinds of clients.</summary>
public enum ClientKind
{
    /// <summary>Raw HTTP/1.1 over a socket: each connection that ends without <c>Connection: close</c> is a failure.</summary>
    Raw,

    /// <summary>Raw HTTP/1.1 with a new connection for each request.</summary>
    RawWithoutReuse,

    /// <summary>The same, but the first byte is sent up to 300 ms after the connection was made.</summary>
    RawWithDelay,

    /// <summary>POST by <see cref="HttpClient"/> over HTTP/1.1. Unlike GET, a failed POST is not repeated.</summary>
    Post,

    /// <summary>POST by <see cref="HttpClient"/> over HTTPS and HTTP/1.1.</summary>
    PostHttps,

    /// <summary>POST by <see cref="HttpClient"/> over HTTPS and HTTP/2.</summary>
    PostHttp2,
}

/// <summary>Clients that send requests and check every answer, until they are disposed of.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The token source has no timer; there is nothing to free.")]
internal sealed class Load : IAsyncDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<ClientKind, EndPoint> _address;
    private readonly TimeSpan _maxThinkTime;
    private readonly List<Task> _clients;
    private long _answers;

    /// <param name="address">Returns the address for a new connection.</param>
    /// <param name="kinds">The kinds of clients.</param>
    /// <param name="clients">The number of clients of each kind.</param>
    /// <param name="maxThinkTime">The longest pause of a client between two requests; the pauses are random.</param>
    public Load(Func<ClientKind, EndPoint> address, ClientKind[] kinds, int clients = 4, TimeSpan? maxThinkTime = null)
    {
        (_address, _maxThinkTime) = (address, maxThinkTime ?? TimeSpan.FromMilliseconds(20));
        _clients = [.. kinds.SelectMany(kind => Enumerable.Range(0, clients).Select(_ => Task.Run(() => RunAsync(kind))))];
    }

    public long Answers => Interlocked.Read(ref _answers);

    public ConcurrentQueue<string> Failures { get; } = new();

    /// <summary>Waits until so many more requests were answered.</summary>
    public async Task WaitForAsync(long more)
    {
        var target = Answers + more;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (Answers < target)
        {
            await Task.Delay(5, limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_clients);
    }

    private async Task RunAsync(ClientKind kind)
    {
        using var client = kind < ClientKind.Post
            ? (IClient)new RawClient(() => _address(kind), kind)
            : new PostClient(() => _address(kind), kind);
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                using var timeout = new CancellationTokenSource(RequestTimeout);
                await client.SendAsync(timeout.Token);
                Interlocked.Increment(ref _answers);
            }
            catch (Exception e)
            {
                Failures.Enqueue($"{kind}: {e.GetBaseException().Message}");
            }

            await Task.Delay(Random.Shared.Next((int)_maxThinkTime.TotalMilliseconds + 1));
        }
    }

    private interface IClient : IDisposable
    {
        Task SendAsync(CancellationToken cancellationToken);
    }

    private sealed class PostClient : IClient
    {
        private readonly HttpClient _client;
        private readonly Uri _uri;

        public PostClient(Func<EndPoint> address, ClientKind kind)
        {
            var handler = new SocketsHttpHandler
            {
                UseProxy = false,
                SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost" },
                ConnectCallback = async (_, cancellationToken) => new NetworkStream(await ConnectAsync(address(), cancellationToken), ownsSocket: true),
            };
            _client = new HttpClient(handler)
            {
                DefaultRequestVersion = kind == ClientKind.PostHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
                DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Timeout = Timeout.InfiniteTimeSpan,
            };
            _uri = new Uri(kind == ClientKind.Post ? "http://localhost/" : "https://localhost/");
        }

        public async Task SendAsync(CancellationToken cancellationToken)
        {
            var text = $"{Random.Shared.NextInt64()}";
            using var content = new StringContent(text);
            using var response = await _client.PostAsync(_uri, content, cancellationToken);
            response.EnsureSuccessStatusCode();
            if (await response.Content.ReadAsStringAsync(cancellationToken) is var answer && answer != text)
            {
                throw new InvalidDataException($"The answer to '{text}' is '{answer}'.");
            }
        }

        public void Dispose() => _client.Dispose();
    }

    private sealed class RawClient(Func<EndPoint> address, ClientKind kind) : IClient
    {
        private readonly byte[] _buffer = new byte[4096];
        private Socket? _socket;

        public async Task SendAsync(CancellationToken cancellationToken)
        {
            try
            {
                if (_socket is null)
                {
                    _socket = await ConnectAsync(address(), cancellationToken);
                    await Task.Delay(kind == ClientKind.RawWithDelay ? Random.Shared.Next(300) : 0, cancellationToken);
                }

                var text = $"{Random.Shared.NextInt64()}";
                await _socket.SendAsync(
                    Encoding.ASCII.GetBytes($"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {text.Length}\r\n\r\n{text}"), cancellationToken);
                var (headers, body) = await ReadAsync(_socket, cancellationToken);
                if (!headers.StartsWith("HTTP/1.1 200", StringComparison.Ordinal) || body != text)
                {
                    throw new InvalidDataException($"The answer to '{text}' is '{headers}' '{body}'.");
                }

                if (kind != ClientKind.Raw || headers.Contains("Connection: close", StringComparison.OrdinalIgnoreCase))
                {
                    Dispose();
                }
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public void Dispose()
        {
            _socket?.Dispose();
            _socket = null;
        }

        private async Task<(string Headers, string Body)> ReadAsync(Socket socket, CancellationToken cancellationToken)
        {
            var text = "";
            while (true)
            {
                var count = await socket.ReceiveAsync(_buffer, cancellationToken);
                if (count == 0)
                {
                    throw new IOException($"The connection was closed after '{text}'.");
                }

                text += Encoding.ASCII.GetString(_buffer, 0, count);
                if (text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is > 0 and var end
                    && text.IndexOf("Content-Length: ", StringComparison.Ordinal) is > 0 and var field
                    && int.Parse(text.AsSpan(field + 16, text.IndexOf('\r', field) - field - 16), CultureInfo.InvariantCulture) == text.Length - end - 4)
                {
                    return (text[..end], text[(end + 4)..]);
                }
            }
        }
    }

    private static async Task<Socket> ConnectAsync(EndPoint address, CancellationToken cancellationToken)
    {
        var isIp = address is IPEndPoint;
        var socket = new Socket(address.AddressFamily, SocketType.Stream, isIp ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            socket.NoDelay |= isIp;
            await socket.ConnectAsync(address, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
