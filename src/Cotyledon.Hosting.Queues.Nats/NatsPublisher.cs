using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>A message to be stored. The same id stored twice within two minutes is stored once.</summary>
internal readonly record struct OutgoingItem(ReadOnlyMemory<byte> Body, string Id, int Attempts = 0);

/// <summary>Stores messages in a stream, and tries until they are.</summary>
internal sealed class NatsPublisher(NatsLink link)
{
    public const string AttemptsHeader = "Cotyledon-Attempts";

    /// <summary>So many are on their way before the first answer is waited for.</summary>
    private const int Window = 256;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <summary>In their order, as long as none of them has to be sent again.</summary>
    /// <exception cref="QueueException">The server does not take one of them, and will not.</exception>
    public async Task PublishAsync(string subject, IReadOnlyList<OutgoingItem> items, CancellationToken cancellationToken)
    {
        try
        {
            for (var begin = 0; begin < items.Count; begin += Window)
            {
                var wait = TimeSpan.Zero;
                List<OutgoingItem> rest = [.. items.Skip(begin).Take(Window)];
                while (true)
                {
                    var lost = await link.ReadyAsync(cancellationToken).ConfigureAwait(false);
                    rest = await TryAsync(subject, rest, lost).ConfigureAwait(false);
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
            link.HealthIssue.OfWrites(null);
        }
    }

    /// <summary>Whether they are stored is the server's to say, also when the caller does not want to wait any more.</summary>
    /// <returns>Those of which it did not say so.</returns>
    private async Task<List<OutgoingItem>> TryAsync(string subject, List<OutgoingItem> items, CancellationToken lost)
    {
        using var timeout = new CancellationTokenSource(NatsLink.AnswerTimeout, link.Clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, lost);
        var answers = new List<NatsJSPublishConcurrentFuture>(items.Count);
        Exception? problem = null;
        foreach (var letter in items)
        {
            try
            {
                answers.Add(await link.Js.PublishConcurrentAsync(
                    subject,
                    letter.Body,
                    NatsRawSerializer<ReadOnlyMemory<byte>>.Default,
                    new NatsJSPubOpts { MsgId = letter.Id },
                    letter.Attempts > 0 ? new NatsHeaders { [AttemptsHeader] = $"{letter.Attempts}" } : null,
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
                // Inside, because its end throws, too. A duplicate is one whose first answer was lost.
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
        Explain(problem);
        return rest;
    }

    private void Explain(Exception? problem)
    {
        switch (problem)
        {
            case null:
                link.HealthIssue.OfWrites(null);
                break;
            case NatsPayloadTooLargeException:
                throw new QueueException($"The server does not take so large an item: {problem.Message} Raise its max_payload.", problem);
            case NatsJSApiException { Error.Description: { } text } when text.Contains("message size exceeds", StringComparison.Ordinal):
                throw new QueueException($"The stream does not take so large an item: {text}.", problem);
            case NatsJSApiException { Error.Description: { } text } when text.Contains("maximum messages", StringComparison.Ordinal):
                // The queue is full; that is what its capacity is for.
                link.HealthIssue.OfWrites(null);
                break;
            default:
                link.HealthIssue.OfWrites(problem is OperationCanceledException
                    ? "The server does not say that it has stored an item."
                    : $"The server did not store an item: {problem.Message}");
                link.Suspect();
                break;
        }
    }
}
