using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>The master's end of the connection with one worker. When it ends, the items that the worker holds are returned.</summary>
[SuppressMessage("Design", "CA1001", Justification = "RunAsync disposes of the fields when the connection ends.")]
internal sealed class MasterConnection
{
    private const int MaxFailureText = 4096;

    private readonly FrameStream _frames;
    private readonly QueueRegistry _queues;
    private readonly ILogger _logger;
    private readonly Dictionary<ushort, WorkerQueue> _open = [];
    private readonly HashSet<WorkerQueue> _toPump = [];
    private readonly ConcurrentQueue<WorkerQueue> _withoutRoom = new();
    private readonly ConcurrentDictionary<int, CancellationTokenSource> _enqueues = new();
    private readonly RequestBudget _enqueueBudget = new(FrameLimits.MaxEnqueues);
    private readonly RequestBudget _questionBudget = new(FrameLimits.MaxQuestions);
    private readonly CancellationTokenSource _gone = new();

    public MasterConnection(Stream stream, QueueRegistry queues, ILogger logger)
    {
        (_queues, _logger) = (queues, logger);
        _frames = new FrameStream(stream) { OnSent = OnSent };
    }

    /// <summary>The bytes of items that the worker has sent and that are not in a queue yet.</summary>
    public long Held => _enqueueBudget.Held;

    /// <summary>The bytes that the worker has not read yet.</summary>
    public long Unsent => _frames.Unsent;

    public async Task RunAsync()
    {
        try
        {
            await _frames.ReadAsync(OnFrame, Pump).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // An error in the connection of one worker must not stop the master.
            Log.BadFrame(_logger, e);
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

    private void OnFrame(FrameKind kind, ushort number, FieldReader fields)
    {
        if (Unsent > FrameLimits.MaxUnread)
        {
            throw new InvalidDataException($"A worker sends requests and has not read {Unsent} bytes of answers.");
        }

        if (kind == FrameKind.Open)
        {
            Open(number, Requests.ReadOpen(fields));
            return;
        }

        var queue = _open.TryGetValue(number, out var open)
            ? open
            : throw new InvalidDataException($"A worker used queue number {number}, which it has not opened.");
        switch (kind)
        {
            case FrameKind.Settle:
                var (id, settlement, delay) = Requests.ReadSettle(fields);
                queue.Broker.Settle(queue.Consumer, id, settlement, delay);
                _toPump.Add(queue);
                break;
            case FrameKind.Grant:
                queue.Broker.Grant(queue.Consumer, Requests.ReadGrant(fields));
                _toPump.Add(queue);
                break;
            case FrameKind.Enqueue:
                Enqueue(queue, fields);
                break;
            case FrameKind.CancelEnqueue:
                CancelEnqueue(Requests.ReadNumber(fields));
                break;
            default:
                Ask(kind, queue, fields);
                break;
        }
    }

    private void Open(ushort number, string name)
    {
        if (_open.ContainsKey(number))
        {
            throw new InvalidDataException($"A worker opened queue number {number} twice.");
        }

        try
        {
            _open.Add(number, new WorkerQueue(_queues.Broker(name), number, _frames, _withoutRoom));
        }
        catch (QueueException e)
        {
            throw new InvalidDataException(e.Message, e);
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

    private void Enqueue(WorkerQueue queue, FieldReader fields)
    {
        var (request, bodies) = Requests.ReadEnqueue(fields);
        var size = FrameLimits.Request(FrameLimits.Items(bodies));
        _ = AnswerAsync(queue, request, _enqueueBudget, size, async () =>
        {
            var maxItemSize = queue.Broker.Options.MaxItemSize;
            if (Array.Find(bodies, b => b.Length > maxItemSize) is { Length: > 0 } large)
            {
                throw new QueueException(
                    $"An item for the queue '{queue.Broker.Name}' has {large.Length} bytes; {maxItemSize} are allowed.");
            }

            using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token);
            _enqueues[request] = cancellation;
            try
            {
                await queue.Broker.EnqueueAsync(bodies, cancellation.Token).ConfigureAwait(false);
                return [];
            }
            finally
            {
                _enqueues.TryRemove(new KeyValuePair<int, CancellationTokenSource>(request, cancellation));
            }
        });
    }

    private void CancelEnqueue(int request)
    {
        if (_enqueues.TryGetValue(request, out var enqueue))
        {
            try
            {
                _ = enqueue.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // The request has just ended, on another thread.
            }
        }
    }

    private void Ask(FrameKind kind, WorkerQueue queue, FieldReader fields)
    {
        var broker = queue.Broker;
        switch (kind)
        {
            case FrameKind.GetStatistics:
                Answer(Requests.ReadNumber(fields), 0, async cancellationToken => Answers.Write(await broker.GetStatisticsAsync(cancellationToken).ConfigureAwait(false)));
                break;
            case FrameKind.GetDead:
                var (request, after, max) = Requests.ReadGetDead(fields);
                Answer(request, FrameLimits.MaxPart, async cancellationToken =>
                    Answers.Write(await broker.GetDeadAsync(after, max, cancellationToken).ConfigureAwait(false)));
                break;
            case FrameKind.RetryDead:
                AnswerAbout(Requests.ReadIds(fields), broker.RetryDeadAsync);
                break;
            case FrameKind.DeleteDead:
                AnswerAbout(Requests.ReadIds(fields), broker.DeleteDeadAsync);
                break;
            default:
                throw new InvalidDataException($"A worker sent a frame of kind {(byte)kind}, which is unknown.");
        }

        void AnswerAbout((int Number, long[] Ids) request, Func<IReadOnlyCollection<long>, CancellationToken, Task<int>> work) => Answer(
            request.Number,
            sizeof(long) * request.Ids.Length,
            async cancellationToken => Answers.Write(await work(request.Ids, cancellationToken).ConfigureAwait(false)));

        void Answer(int number, long size, Func<CancellationToken, Task<byte[]>> work) =>
            _ = AnswerAsync(queue, number, _questionBudget, FrameLimits.Request(size), () => work(_gone.Token));
    }

    private async Task AnswerAsync(WorkerQueue queue, int request, RequestBudget budget, long size, Func<Task<byte[]>> work)
    {
        if (!budget.TryTake(size))
        {
            Fail(queue, request, $"Queue '{queue.Broker.Name}': too many requests of this worker wait for an answer. Await them before you send more.");
            return;
        }

        byte[]? answer = null;
        string? failure = null;
        try
        {
            answer = await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The worker gets a Cancelled frame.
        }
        catch (Exception e)
        {
            // The caller in the worker gets every exception of a store.
            failure = e is QueueException ? e.Message : ExceptionText.Summary(e);
        }

        budget.Free(size);
        if (failure is not null)
        {
            Fail(queue, request, failure);
        }
        else if (answer is null)
        {
            _frames.Write(FrameKind.Cancelled, queue.Number, request, static (frame, r) => frame.Int32(r));
            _frames.Flush();
        }
        else
        {
            Succeed(queue, request, answer);
        }
    }

    private void Succeed(WorkerQueue queue, int request, byte[] answer)
    {
        try
        {
            _frames.Write(
                FrameKind.Answer, queue.Number, (request, answer), static (frame, a) => frame.Int32(a.request).Bytes(a.answer));
            _frames.Flush();
        }
        catch (QueueException e)
        {
            Fail(queue, request, e.Message);
        }
    }

    private void Fail(WorkerQueue queue, int request, string text)
    {
        var bounded = text.Length <= MaxFailureText ? text : text[..MaxFailureText];
        _frames.Write(
            FrameKind.Failure, queue.Number, (request, bounded), static (frame, a) => frame.Int32(a.request).Text(a.bounded));
        _frames.Flush();
    }

    /// <summary>
    /// Continues the deliveries of queues that had no room for this worker. Not on this thread: it may be inside one of these queues.
    /// </summary>
    private void OnSent()
    {
        while (Unsent < FrameLimits.MaxUnsent && _withoutRoom.TryDequeue(out var queue))
        {
            queue.OnDequeued();
            _ = Task.Run(queue.Broker.Pump);
        }
    }
}
