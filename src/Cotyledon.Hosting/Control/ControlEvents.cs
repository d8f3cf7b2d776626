using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Control;

/// <summary>Streams the events of workers. A reader that is too slow loses the oldest events and gets a note of the gap.</summary>
internal static class ControlEvents
{
    public static async Task<byte[]> StreamAsync(ControlCall call)
    {
        var follows = call.Request.Follow == true;
        if (call.Request.After is < 0)
        {
            throw ControlError.Usage("after must be 0 or more.");
        }

        // Without a start and without following, only the number of the last event is wanted.
        var isQuiet = !follows && call.Request.After is null;
        var after = call.Request.After ?? (follows ? long.MaxValue : 0);
        long? last = call.Request.After;
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(call.Cancelled);
        var events = call.Manager.WatchAsync(after, watching.Token).GetAsyncEnumerator(CancellationToken.None);
        await using (events.ConfigureAwait(false))
        {
            try
            {
                while (await NextAsync(events, follows, watching).ConfigureAwait(false))
                {
                    if (!isQuiet)
                    {
                        await ReportAsync(call, events.Current, last).ConfigureAwait(false);
                    }

                    last = events.Current.Number;
                }
            }
            catch (OperationCanceledException)
            {
                // Cancelled by the client, or the connection was closed.
            }
        }

        return call.Result(new LastEventObject(last ?? 0));
    }

    /// <summary>Moves to the next event. Kept events are available at once, so without following the first wait is the end.</summary>
    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<WorkerEvent> events, bool follows, CancellationTokenSource watching)
    {
        var next = events.MoveNextAsync();
        if (!follows && !next.IsCompleted)
        {
            await watching.CancelAsync().ConfigureAwait(false);
        }

        return await next.ConfigureAwait(false);
    }

    private static async ValueTask ReportAsync(ControlCall call, WorkerEvent what, long? last)
    {
        if (last is { } previous && what.Number > previous + 1)
        {
            var gap = new GapProgressObject(new GapObject(previous + 1, what.Number - 1));
            await call.ReportAsync(gap).ConfigureAwait(false);
        }

        await call.ReportAsync(new EventProgressObject(what.ToObject())).ConfigureAwait(false);
    }
}
