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
        var watching = CancellationTokenSource.CreateLinkedTokenSource(call.Cancelled);
        var events = call.Manager.WatchAsync(after, watching.Token).GetAsyncEnumerator(CancellationToken.None);
        var next = Task.FromResult(false);
        try
        {
            while (true)
            {
                // Kept events are available at once. So without following, the enumeration ends at the first event that is not available.
                next = events.MoveNextAsync().AsTask();
                if ((!follows && !next.IsCompleted) || !await next.ConfigureAwait(false))
                {
                    break;
                }

                if (!isQuiet)
                {
                    Send(call, events.Current, last);
                }

                last = events.Current.Number;
                if (follows)
                {
                    // Without following, the answer does not wait for a slow reader: there are few kept events, and the wait needs the thread pool.
                    await call.Output.WaitForRoomAsync(call.Cancelled).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Cancelled by the client, or the connection was closed.
        }
        finally
        {
            _ = EndAsync(events, next, watching);
        }

        return call.Result(new LastEventObject(last ?? 0));
    }

    /// <summary>Ends the enumeration. The answer does not wait for the end, because ending the enumeration needs the thread pool.</summary>
    private static async Task EndAsync(IAsyncEnumerator<WorkerEvent> events, Task next, CancellationTokenSource watching)
    {
        await watching.CancelAsync().ConfigureAwait(false);
        await next.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await events.DisposeAsync().ConfigureAwait(false);
        watching.Dispose();
    }

    private static void Send(ControlCall call, WorkerEvent what, long? last)
    {
        if (last is { } previous && what.Number > previous + 1)
        {
            call.Send(new GapProgressObject(new GapObject(previous + 1, what.Number - 1)));
        }

        call.Send(new EventProgressObject(what.ToObject()));
    }
}
