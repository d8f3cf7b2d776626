using System.Diagnostics.CodeAnalysis;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.AspNetCore.Streaming;

/// <summary>
/// Distributes the changes of the program to all open pages. It observes the program only while there is one: then it compares the state
/// four times per second, and measures every two seconds.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "ObserveAsync disposes of the observation.")]
internal sealed class PageFeed(ICotyledonManager manager, QueueDepths queues, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private const int IntervalsPerMeasurement = 8;

    private readonly Lock _gate = new();
    private readonly List<PageStream> _streams = [];
    private Observation? _observation;

    public bool IsStopped { get; private set; }

    /// <summary>Adds a stream and writes the whole state to it. Returns false if there are too many, or the program stops.</summary>
    public bool TryAdd(PageStream stream, int maxStreams, bool mayAct)
    {
        lock (_gate)
        {
            if (IsStopped || _streams.Count >= maxStreams)
            {
                return false;
            }

            var observation = _observation ?? new Observation(manager, queues);

            // After the observation has read the state: so no change can be missed between this message and the first difference.
            stream.Write(Message("snapshot", Snapshot(observation, mayAct), PageJson.Default.SnapshotMessage));
            if (observation.Usage is { } usage)
            {
                stream.Write(Message("usage", usage, PageJson.Default.UsageMessage));
            }

            _streams.Add(stream);
            if (_observation is null)
            {
                _observation = observation;
                _ = ObserveAsync(observation);
            }

            return true;
        }
    }

    public void Remove(PageStream stream)
    {
        lock (_gate)
        {
            if (_streams.Remove(stream) && _streams.Count == 0)
            {
                End();
            }
        }
    }

    /// <summary>Ends all streams, because the server waits for its requests when it stops.</summary>
    public void Stop()
    {
        List<PageStream> open;
        lock (_gate)
        {
            IsStopped = true;
            open = [.. _streams];
            End();
        }

        open.ForEach(stream => stream.Close("stopping"));
    }

    private void End()
    {
        _observation?.Cancel();
        _observation = null;
    }

    private async Task ObserveAsync(Observation observation)
    {
        try
        {
            using var timer = new PeriodicTimer(Interval, clock);
            for (var tick = 0; await timer.WaitForNextTickAsync(observation.Ended).ConfigureAwait(false); tick++)
            {
                if (tick % IntervalsPerMeasurement == 0)
                {
                    observation.Measure(usage => Send(observation, [Message("usage", usage, PageJson.Default.UsageMessage)]));
                }

                Send(observation, [.. Differences(observation)]);
            }
        }
        catch (OperationCanceledException)
        {
            // No page is open any more, or the program stops.
        }
        catch (Exception exception)
        {
            Fail(observation, exception);
        }
        finally
        {
            await observation.DisposeAsync().ConfigureAwait(false);
        }
    }

    private IEnumerable<SseItem<string>> Differences(Observation observation)
    {
        foreach (var what in observation.TakeEvents())
        {
            yield return Message("worker", what, PageJson.Default.EventObject);
        }

        if (observation.Compare(ControlMapping.ToText(clock.GetUtcNow())) is { } status)
        {
            yield return Message("status", status, PageJson.Default.StatusMessage);
        }
    }

    /// <summary>Writes outside of the lock: a stream that is aborted removes itself.</summary>
    private void Send(Observation observation, IReadOnlyList<SseItem<string>> messages)
    {
        foreach (var stream in messages.Count > 0 ? StreamsOf(observation) : [])
        {
            foreach (var message in messages)
            {
                stream.Write(message);
            }
        }
    }

    private List<PageStream> StreamsOf(Observation observation)
    {
        lock (_gate)
        {
            return observation == _observation ? [.. _streams] : [];
        }
    }

    private void Fail(Observation observation, Exception exception)
    {
        Log.FeedFailed(logger, exception);
        var open = StreamsOf(observation);
        lock (_gate)
        {
            _observation = observation == _observation ? null : _observation;
        }

        open.ForEach(stream => stream.Close("failed"));
    }

    private SnapshotMessage Snapshot(Observation observation, bool mayAct)
    {
        var overview = manager.GetOverview();
        return new SnapshotMessage
        {
            Time = ControlMapping.ToText(clock.GetUtcNow()),
            App = overview.Application,
            Version = overview.Version,
            Pid = overview.ProcessId,
            Actions = mayAct,
            Overview = overview.ToObject(),
            Services = [.. manager.GetStatus().Select(service => service.ToObject())],
            Operations = [.. manager.GetOperations().Take(Observation.MaxOperations).Select(operation => operation.ToObject())],
            Queues = queues.Current,
            Exits = [.. manager.GetExits().Select(exit => exit.ToObject())],
            Events = observation.RecentEvents,
        };
    }

    private static SseItem<string> Message<T>(string type, T value, JsonTypeInfo<T> json) => new(JsonSerializer.Serialize(value, json), type);
}
