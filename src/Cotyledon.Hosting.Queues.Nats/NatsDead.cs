using System.Globalization;
using System.Text;
using Cotyledon.Hosting.Queues.Extensibility;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>Reads, retries and deletes the dead items of a queue, which have a stream of their own.</summary>
internal sealed class NatsDead(NatsLink link, NatsPublisher publisher)
{
    private const int NotFound = 404;
    private const int DeleteFailed = 10057;

    /// <summary>
    /// The server returns one item per request, so the number of items that can be read within the time limit of a call depends on the network.
    /// After this time a page ends, and the caller asks for the next one.
    /// </summary>
    private static readonly TimeSpan PageTime = TimeSpan.FromSeconds(2);

    public Task<long> CountAsync(CancellationToken cancellationToken) => CountAsync(link.Names.DeadStream, cancellationToken);

    public Task<long> CountAsync(string stream, CancellationToken cancellationToken) => AskAsync(
        async (js, end) => (await js.GetStreamAsync(stream, cancellationToken: end).ConfigureAwait(false)).Info.State.Messages, cancellationToken);

    /// <inheritdoc cref="IQueueStore.GetDeadAsync"/>
    public Task<IReadOnlyList<QueueItem>> GetAsync(long after, int max, CancellationToken cancellationToken)
    {
        // The time includes the wait for the connection.
        var begin = link.Clock.GetTimestamp();
        return AskAsync(
            async (js, end) =>
            {
                var page = new DeadPage(max);
                var stream = await js.GetStreamAsync(link.Names.DeadStream, cancellationToken: end).ConfigureAwait(false);
                for (var next = (ulong)after + 1;
                    page.Items.Count < max && (page.Items.Count == 0 || link.Clock.GetElapsedTime(begin) < PageTime);)
                {
                    var request = new StreamMsgGetRequest { Seq = next, NextBySubj = link.Names.DeadSubject };
                    if (await FindAsync(stream, request, end).ConfigureAwait(false) is not { } message
                        || !page.TryAdd(new QueueItem((long)message.Seq, message.Data) { Attempts = ReadAttempts(message.Hdrs) }))
                    {
                        break;
                    }

                    next = message.Seq + 1;
                }

                return page.Items;
            },
            cancellationToken);
    }

    public Task<int> RetryAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) => CountAsync(ids, id => RetryAsync(id, cancellationToken));

    public Task<int> DeleteAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) =>
        CountAsync(ids, id => AskAsync((js, end) => DeleteAsync(js, (ulong)id, end), cancellationToken));

    private static async Task<int> CountAsync(IReadOnlyCollection<long> ids, Func<long, Task<bool>> work)
    {
        var count = 0;

        // The server rejects a request for a lower id.
        foreach (var id in ids.Where(id => id > 0))
        {
            count += await work(id).ConfigureAwait(false) ? 1 : 0;
        }

        return count;
    }

    private async Task<bool> RetryAsync(long id, CancellationToken cancellationToken)
    {
        var message = await AskAsync(
            async (js, end) =>
            {
                var stream = await js.GetStreamAsync(link.Names.DeadStream, cancellationToken: end).ConfigureAwait(false);
                return await FindAsync(stream, new StreamMsgGetRequest { Seq = (ulong)id }, end).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        if (message is null)
        {
            return false;
        }

        // Publish first, then delete: after a failure in between the item exists twice, but it is not lost. The message id keeps concurrent
        // calls from storing it twice.
        var name = string.Create(CultureInfo.InvariantCulture, $"dead-{id}-{message.Time.UtcTicks}");
        await publisher.PublishAsync(link.Names.Subject, [new OutgoingItem(message.Data, name)], cancellationToken).ConfigureAwait(false);
        return await AskAsync((js, end) => DeleteAsync(js, (ulong)id, end), cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> DeleteAsync(NatsJSContext js, ulong sequence, CancellationToken cancellationToken)
    {
        try
        {
            var request = new StreamMsgDeleteRequest { Seq = sequence };
            return (await js.DeleteMessageAsync(link.Names.DeadStream, request, cancellationToken).ConfigureAwait(false)).Success;
        }
        catch (NatsJSApiException e) when (IsMissing(e.Error))
        {
            // A concurrent call has deleted it, or there was none.
            return false;
        }
    }

    /// <summary>
    /// Whether a deletion has failed because there is no such message. The server has a code of its own for it only if the message was
    /// deleted between two of its checks; otherwise its text has the reason.
    /// </summary>
    private static bool IsMissing(ApiError error) =>
        error.Code is NotFound or 400
        || error is { ErrCode: DeleteFailed, Description: "no message found" or "stream store EOF" };

    private static async Task<StoredMessage?> FindAsync(INatsJSStream stream, StreamMsgGetRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return (await stream.GetAsync(request, cancellationToken).ConfigureAwait(false)).Message;
        }
        catch (NatsJSApiException e) when (e.Error.Code == NotFound)
        {
            return null;
        }
    }

    private static int ReadAttempts(string? headers)
    {
        const string Name = NatsPublisher.AttemptsHeader + ":";
        var lines = Encoding.UTF8.GetString(Convert.FromBase64String(headers ?? "")).Split("\r\n");
        var line = Array.Find(lines, l => l.StartsWith(Name, StringComparison.Ordinal));
        return line is not null && int.TryParse(line.AsSpan(Name.Length).Trim(), CultureInfo.InvariantCulture, out var attempts)
            ? attempts
            : 0;
    }

    /// <summary>Runs a request with a time limit, because a caller waits for its answer.</summary>
    private async Task<T> AskAsync<T>(Func<NatsJSContext, CancellationToken, Task<T>> question, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(NatsLink.AnswerTimeout, link.Clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await link.ReadyAsync(end.Token).ConfigureAwait(false);
            return await question(link.Js, end.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is NatsException or OperationCanceledException)
        {
            throw new QueueException(link.Health.Text ?? link.Describe(e), e);
        }
    }
}
