using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Cotyledon.Hosting.Cli.Tests;

/// <summary>Listens at a socket, greets, and answers each verb with the lines of a script.</summary>
internal sealed class FakeProgram : IAsyncDisposable
{
    public const string Greeting = """{"protocol":1,"app":"Telemetry","version":"1.2.0","library":"0.1.0","pid":4711,"access":"control"}""";

    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, string[]> _scripts = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly List<Task> _connections = [];
    private readonly Task _accepting;

    public FakeProgram(string path)
    {
        Path = path;

        // A path can be too long for an address.
        var link = System.IO.Path.Combine(System.IO.Path.GetTempPath(), System.IO.Path.GetRandomFileName());
        Directory.CreateSymbolicLink(link, System.IO.Path.GetDirectoryName(path)!);
        _listener.Bind(new UnixDomainSocketEndPoint(System.IO.Path.Combine(link, System.IO.Path.GetFileName(path))));
        File.Delete(link);
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public string Path { get; }

    /// <summary>The first line; <see langword="null"/> to send nothing, and empty to close the connection at once.</summary>
    public string? FirstLine { get; set; } = Greeting;

    /// <summary>The number of connections since the start.</summary>
    public int Connections => _connections.Count;

    /// <summary>The requests without their ids.</summary>
    public IEnumerable<string> Requests => _requests;

    /// <summary>
    /// Sets the answers to a verb, without the id: <c>"progress":{}</c>. Other lines are sent as they are; <c>close</c> closes the connection,
    /// and <c>wait</c> waits for the end.
    /// </summary>
    public FakeProgram On(string verb, params string[] lines)
    {
        _scripts[verb] = lines;
        return this;
    }

    public string[] ScriptOf(string verb) => _scripts[verb];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections);
        File.Delete(Path);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync(_stop.Token);
                _connections.Add(ServeAsync(socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The end.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            await (FirstLine switch
            {
                null => Task.Delay(Timeout.Infinite, _stop.Token),
                "" => Task.CompletedTask,
                _ => TalkAsync(stream, FirstLine),
            });
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The tool has closed the connection.
        }
    }

    private async Task TalkAsync(NetworkStream stream, string greeting)
    {
        await WriteAsync(stream, greeting);
        using var reader = new StreamReader(stream, leaveOpen: true);
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            using var request = JsonDocument.Parse(line);
            var id = request.RootElement.GetProperty("id").GetInt32();
            _requests.Enqueue(line.Replace($"\"id\":{id},", "", StringComparison.Ordinal).Replace($",\"id\":{id}", "", StringComparison.Ordinal));
            var verb = request.RootElement.GetProperty("do").GetString()!;
            foreach (var answer in _scripts.GetValueOrDefault(verb) ?? ["\"error\":{\"code\":\"usage\",\"message\":\"unknown verb\"}"])
            {
                if (answer == "close")
                {
                    return;
                }

                await (answer == "wait"
                    ? Task.Delay(Timeout.Infinite, _stop.Token)
                    : WriteAsync(stream, answer.StartsWith('"') ? $"{{\"id\":{id},{answer}}}" : answer));
            }
        }
    }

    private async Task WriteAsync(NetworkStream stream, string line) => await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), _stop.Token);
}
