using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>A message to be stored. The server drops a second message with the same id within two minutes.</summary>
internal readonly record struct OutgoingItem(ReadOnlyMemory<byte> Body, string Id, int Attempts = 0);

/// <summary>Stores messages in a stream, and retries until they are stored.</summary>
internal sealed class NatsPublisher(NatsLink link)
{
    public const string AttemptsHeader = "Cotyledon-Attempts";

    /// <summary>The number of messages that are sent before their answers are awaited.</summary>
    private const int Window = 256;

    /// <summary>
    /// The bytes of max_payload that an item must leave free: a dead item has larger headers than a new item, and must be accepted too.
    /// </summary>
    private const int HeaderReserve = 256;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Stores messages. They keep their order unless one of them has to be sent again. If the server does not store a dead item, this method sends it
    /// again only if the connection was lost. Otherwise it throws, and the caller returns the item to the server, which delivers it again later.
    /// </summary>
    /// <exception cref="QueueException">
    /// The server refused one of them, and a retry would not help; or it did not store a dead item.
    /// </exception>
    public async Task PublishAsync(string subject, IReadOnlyList<OutgoingItem> items, CancellationToken cancellationToken)
    {
        var call = new object();
        try
        {
            for (var begin = 0; begin < items.Count; begin += Window)
            {
                var wait = TimeSpan.Zero;
                List<OutgoingItem> rest = [.. items.Skip(begin).Take(Window)];
                while (true)
                {
                    var lost = await link.ReadyAsync(cancellationToken).ConfigureAwait(false);
                    CheckSizes(subject, items);
                    rest = await TryAsync(subject, rest, call, lost).ConfigureAwait(false);
                    if (rest.Count == 0)
                    {
                        break;
                    }

                    wait = Retry.Next(wait, LongestWait);
                    await Retry.WaitAsync(wait, link.Clock, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            link.Health.SetWriteProblem(call, null);
        }
    }

    /// <exception cref="QueueException">An item is too large.</exception>
    private void CheckSizes(string subject, IReadOnlyList<OutgoingItem> items)
    {
        var reserve = subject == link.Names.DeadSubject ? 0 : HeaderReserve;
        if (link.Connection.ServerInfo is not { MaxPayload: > 0 and var max })
        {
            return;
        }

        foreach (var item in items)
        {
            if (item.Body.Length + reserve > max)
            {
                throw new QueueException(
                    $"An item of {item.Body.Length} bytes is too large for the server, which accepts {max - reserve} bytes. Increase its "
                    + "max_payload.");
            }
        }
    }

    /// <summary>
    /// Sends messages and waits for the answers. The caller's token is not used here: only the answer tells whether a message was stored.
    /// </summary>
    /// <returns>The messages that the server has not confirmed.</returns>
    private async Task<List<OutgoingItem>> TryAsync(string subject, List<OutgoingItem> items, object call, CancellationToken lost)
    {
        using var timeout = new CancellationTokenSource(NatsLink.AnswerTimeout, link.Clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, lost);
        var answers = new List<NatsJSPublishConcurrentFuture>(items.Count);
        Exception? problem = null;
        foreach (var item in items)
        {
            try
            {
                answers.Add(await link.Js.PublishConcurrentAsync(
                    subject,
                    item.Body,
                    NatsRawSerializer<ReadOnlyMemory<byte>>.Default,
                    new NatsJSPubOpts { MsgId = item.Id },
                    item.Attempts > 0 ? new NatsHeaders { [AttemptsHeader] = $"{item.Attempts}" } : null,
                    end.Token).ConfigureAwait(false));
            }
            catch (Exception e)
            {
                problem = e;
                break;
            }
        }

        var rest = new List<OutgoingItem>();
        for (var i = 0; i < answers.Count; i++)
        {
            try
            {
                // Inside the try block, because DisposeAsync can throw as well. A duplicate is a success: its first answer was lost.
                await using var answer = answers[i];
                var stored = await answer.GetResponseAsync(end.Token).ConfigureAwait(false);
                if (stored.Error is { } error)
                {
                    throw new NatsJSApiException(error);
                }
            }
            catch (Exception e)
            {
                problem = e;
                rest.Add(items[i]);
            }
        }

        rest.AddRange(items.Skip(answers.Count));
        Explain(problem, call, isDead: subject == link.Names.DeadSubject && !lost.IsCancellationRequested);
        return rest;
    }

    /// <exception cref="QueueException">A retry would not help, or the message is a dead item.</exception>
    private void Explain(Exception? problem, object call, bool isDead)
    {
        switch (problem)
        {
            case null:
                link.Health.SetWriteProblem(call, null);
                break;
            case NatsPayloadTooLargeException:
                throw new QueueException($"An item is too large for the server: {problem.Message.TrimEnd('.')}. Increase max_payload of the server.", problem);
            case NatsJSApiException { Error.Description: { } reason } when reason.Contains("message size exceeds", StringComparison.Ordinal):
                throw new QueueException($"An item is too large for the stream: {reason}. Increase max_msg_size of the stream.", problem);
            case NatsJSApiException { Error.Description: { } reason } when reason.Contains("maximum messages", StringComparison.Ordinal):
                // The queue has reached its capacity. This is not a problem: the caller waits.
                link.Health.SetWriteProblem(call, null);
                break;
            default:
                var text = problem is OperationCanceledException
                    ? "The server did not confirm that it has stored an item."
                    : $"The server did not store an item: {problem.Message.TrimEnd('.')}.";
                if (problem is not NatsJSApiException)
                {
                    // An answer of the server, such as one about missing space, shows that the connection works.
                    link.Suspect();
                }

                if (isDead)
                {
                    throw new QueueException(text, problem);
                }

                link.Health.SetWriteProblem(call, text);
                break;
        }
    }
}
