using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Cotyledon.Hosting.AspNetCore.Tests;

/// <summary>An open page: reads the messages of the stream.</summary>
internal sealed class PageReader : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly HttpResponseMessage _response;
    private readonly CancellationTokenSource _end = new(Limit);
    private readonly IAsyncEnumerator<SseItem<string>> _messages;

    private PageReader(HttpResponseMessage response, Stream stream)
    {
        _response = response;
        _messages = SseParser.Create(stream).EnumerateAsync(_end.Token).GetAsyncEnumerator();
    }

    public static async Task<PageReader> OpenAsync(PageServer server, string? user = null)
    {
        var response = await server.Client.SendAsync(server.Request(HttpMethod.Get, "/cotyledon/stream", user), HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        return new PageReader(response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>Reads until there is a message of this type that fits.</summary>
    public async Task<JsonElement> ReadAsync(string type, Func<JsonElement, bool>? fits = null)
    {
        while (await _messages.MoveNextAsync())
        {
            var data = JsonElement.Parse(_messages.Current.Data);
            if (_messages.Current.EventType == type && fits?.Invoke(data) != false)
            {
                return data;
            }
        }

        throw new InvalidOperationException($"The stream ended without the message '{type}'.");
    }

    /// <summary>Reads the remaining messages, and returns the types.</summary>
    public async Task<List<string>> ReadToEndAsync()
    {
        List<string> types = [];
        while (await _messages.MoveNextAsync())
        {
            types.Add(_messages.Current.EventType);
        }

        return types;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _response.Dispose();
        await _messages.DisposeAsync();
        _end.Dispose();
    }
}
