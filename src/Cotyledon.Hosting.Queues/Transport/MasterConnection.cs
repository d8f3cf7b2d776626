using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Queues.Delivery;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>The master's end of the connection with one worker. When the worker is gone, so are its claims on items.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Frees what it owns when the worker is gone.")]
internal sealed class MasterConnection(Stream stream, QueueRegistry queues, ILogger logger)
{
    private readonly FrameStream _frames = new(stream);
    private readonly Dictionary<ushort, OpenQueue> _open = [];
    private readonly HashSet<OpenQueue> _toPump = [];
    private readonly ConcurrentDictionary<int, CancellationTokenSource> _enqueues = new();
    private readonly CancellationTokenSource _gone = new();

    public async Task RunAsync()
    {
        try
        {
            await _frames.ReadAsync(OnFrame, Pump).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Whatever a frame leads to: one worker's connection is not worth the master.
            Log.BadFrame(logger, e);
        }
        finally
        {
            await _gone.CancelAsync().ConfigureAwait(false);
            foreach (var queue in _open.Values)
            {
                queue.Broker.Disconnect(queue.Consumer);
            }

            _frames.Dispose();
            _gone.Dispose();
        }
    }

    private void OnFrame(FrameKind kind, ushort number, FrameFields fields)
    {
        if (kind == FrameKind.Open)
        {
            _open[number] = new OpenQueue(queues.Broker(fields.Text()), number, _frames);
            return;
        }

        var queue = _open.TryGetValue(number, out var open)
            ? open
            : throw new InvalidDataException($"A worker speaks of queue number {number}, which it has not opened.");
        switch (kind)
        {
            case FrameKind.Settle:
                queue.Broker.Settle(
                    queue.Consumer, fields.Long(), (Settlement)fields.Byte(), TimeSpan.FromTicks(fields.Long()));
                _toPump.Add(queue);
                break;
            case FrameKind.Grant:
                queue.Broker.Grant(queue.Consumer, fields.Number());
                _toPump.Add(queue);
                break;
            case FrameKind.Enqueue:
                Enqueue(queue, fields);
                break;
            case FrameKind.CancelEnqueue:
                if (_enqueues.TryGetValue(fields.Number(), out var enqueue))
                {
                    _ = enqueue.CancelAsync();
                }

                break;
            default:
                Request(kind, queue, fields);
                break;
        }
    }

    private void Pump()
    {
        foreach (var queue in _toPump)
        {
            queue.Broker.Pump();
        }

        _toPump.Clear();
    }

    private void Enqueue(OpenQueue queue, FrameFields fields)
    {
        var request = fields.Number();
        var bodies = new ReadOnlyMemory<byte>[fields.Count(atLeastBytes: 4)];
        for (var i = 0; i < bodies.Length; i++)
        {
            bodies[i] = fields.Bytes();
        }

        var cancellation = _enqueues[request] = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token);
        _ = AnswerAsync(queue, request, async () =>
        {
            try
            {
                await queue.Broker.EnqueueAsync(bodies, cancellation.Token).ConfigureAwait(false);
                return [];
            }
            finally
            {
                _enqueues.TryRemove(request, out _);
                cancellation.Dispose();
            }
        });
    }

    private void Request(FrameKind kind, OpenQueue queue, FrameFields fields)
    {
        var request = fields.Number();
        Func<Task<byte[]>> work;
        switch (kind)
        {
            case FrameKind.GetStatistics:
                work = async () => Answers.Write(await queue.Broker.GetStatisticsAsync(_gone.Token).ConfigureAwait(false));
                break;
            case FrameKind.GetDead:
                var max = fields.Number();
                work = async () => Answers.Write(await queue.Broker.GetDeadAsync(max, _gone.Token).ConfigureAwait(false));
                break;
            case FrameKind.RetryDead:
                var ids = new long[fields.Count(atLeastBytes: 8)];
                for (var i = 0; i < ids.Length; i++)
                {
                    ids[i] = fields.Long();
                }

                work = async () => Answers.Write(await queue.Broker.RetryDeadAsync(ids, _gone.Token).ConfigureAwait(false));
                break;
            default:
                throw new InvalidDataException($"A worker sent a frame of kind {(byte)kind}, which is unknown.");
        }

        _ = AnswerAsync(queue, request, work);
    }

    private async Task AnswerAsync(OpenQueue queue, int request, Func<Task<byte[]>> work)
    {
        try
        {
            var answer = await work().ConfigureAwait(false);
            _frames.Write(FrameKind.Answer, queue.Number, (request, answer), static (frame, a) => frame.Number(a.request).Bytes(a.answer));
        }
        catch (OperationCanceledException)
        {
            _frames.Write(FrameKind.Cancelled, queue.Number, request, static (frame, r) => frame.Number(r));
        }
        catch (Exception e)
        {
            // Whatever a store throws is the caller's to hear.
            _frames.Write(FrameKind.Failure, queue.Number, (request, e.Message), static (frame, a) => frame.Number(a.request).Text(a.Message));
        }

        _frames.Flush();
    }

    /// <summary>One queue that the worker uses.</summary>
    private sealed class OpenQueue : IDeliverySink
    {
        private readonly FrameStream _frames;

        public OpenQueue(QueueBroker broker, ushort number, FrameStream frames)
        {
            Broker = broker;
            Number = number;
            _frames = frames;
            Consumer = broker.Connect(this);
        }

        public QueueBroker Broker { get; }

        public ushort Number { get; }

        public QueueConsumer Consumer { get; }

        public void Deliver(IReadOnlyList<QueueItem> items) =>
            _frames.Write(FrameKind.Items, Number, items, static (frame, all) => frame.Items(all));

        public void Flush() => _frames.Flush();
    }
}
