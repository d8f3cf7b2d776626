using System.Text.Json;
using Cotyledon.Hosting.Cli.Output;

namespace Cotyledon.Hosting.Cli.Client;

/// <summary>A connection to a program. One request at a time.</summary>
internal sealed class ControlClient : IAsyncDisposable
{
    /// <summary>The version of the protocol that this tool speaks.</summary>
    public const int Protocol = 1;

    /// <summary>About 10,000 workers that have all crashed with a full tail of their standard error stay below it.</summary>
    private const int MaxLine = 64 * 1024 * 1024;

    private readonly Stream _stream;
    private readonly LineReader _lines;
    private int _lastId;

    private ControlClient(Stream stream) => (_stream, _lines) = (stream, new LineReader(stream, MaxLine));

    public Greeting Greeting { get; private set; } = new(0, null, null, null, 0, null);

    public string Name => SafeText.Escape(Greeting.App ?? "?");

    /// <summary>Takes over a new connection: it is closed if the greeting fails.</summary>
    public static async Task<ControlClient> GreetAsync(Stream stream, CancellationToken cancellationToken)
    {
        var client = new ControlClient(stream);
        try
        {
            var line = await client.ReadLineAsync(cancellationToken)
                ?? throw new ToolException(ExitCodes.Failed, "The program closed the connection at once. It may have reached its limit of control connections. Close other connections, or try again later.");
            var greeting = WireJson.Parse(line);
            if (!greeting.TryGetProperty("protocol", out _))
            {
                // A program that refuses the connection sends an error.
                throw ErrorIn(greeting);
            }

            client.Greeting = WireJson.Read(greeting, WireJson.Default.Greeting);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a request, and waits for its result.</summary>
    /// <param name="request">The request.</param>
    /// <param name="progress">Called for each progress object.</param>
    /// <param name="cancellationToken">Ends the waiting. The program continues with the action, and the connection cannot be used again.</param>
    public async Task<JsonElement> AskAsync(Request request, Action<JsonElement>? progress, CancellationToken cancellationToken)
    {
        var id = ++_lastId;
        await SendAsync(request with { Id = id }, cancellationToken);
        while (await ReadLineAsync(cancellationToken) is { } line)
        {
            var answer = WireJson.Parse(line);
            if (!answer.TryGetProperty("id", out var of) && answer.TryGetProperty("error", out _))
            {
                // The program could not read the request, so it does not know the id: the request is too long, for example.
                throw ErrorIn(answer);
            }

            if (of.ValueKind != JsonValueKind.Number || !of.TryGetInt32(out var number) || number != id)
            {
                throw new ToolException(ExitCodes.Failed, "The program sent an answer that does not belong to the request.");
            }

            if (answer.TryGetProperty("progress", out var part))
            {
                progress?.Invoke(part);
            }
            else if (answer.TryGetProperty("result", out var result) && result.ValueKind == JsonValueKind.Object)
            {
                return result;
            }
            else
            {
                throw ErrorIn(answer);
            }
        }

        throw new ConnectionEndedException();
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    /// <summary>Waits until the program closes the connection, which it does when it ends.</summary>
    public async Task WaitForEndAsync(CancellationToken cancellationToken)
    {
        while (await ReadLineAsync(cancellationToken) is not null)
        {
        }
    }

    /// <summary>A connection that is reset has ended too.</summary>
    private async ValueTask<ReadOnlyMemory<byte>?> ReadLineAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _lines.ReadAsync(cancellationToken);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static ToolException ErrorIn(JsonElement answer)
    {
        if (!answer.TryGetProperty("error", out var error))
        {
            return new ToolException(ExitCodes.Failed, "The program sent an answer without a result.");
        }

        var record = WireJson.Read(error, WireJson.Default.ErrorRecord);
        var exitCode = record.Code switch
        {
            "usage" or "notFound" => ExitCodes.Usage,
            "denied" => ExitCodes.NotPermitted,
            "protocol" => ExitCodes.Protocol,
            _ => ExitCodes.Failed,
        };
        return new ToolException(exitCode, SafeText.Escape(record.Message ?? record.Code ?? "The request has failed."))
        {
            IsAnswer = record.Code is not null,
        };
    }

    private async Task SendAsync(Request request, CancellationToken cancellationToken)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(request, WireJson.Default.Request), (byte)'\n'];
        try
        {
            await _stream.WriteAsync(line, cancellationToken);
        }
        catch (IOException)
        {
            // Before the program closed the connection, it may have sent an error, which is read as the answer.
        }
    }
}
