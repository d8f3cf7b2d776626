using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Worker;

namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>A worker's end of the connection with the master, for all its queues. Made when the first of them is used.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as its process.")]
internal sealed class WorkerConnection
{
    /// <summary>How long somebody who waits may take to hear that his worker stops.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly FrameStream _frames;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<byte[]>> _requests = new();
    private readonly ConcurrentDictionary<ushort, LinkPort> _ports = new();
    private volatile bool _isLost;
    private volatile QueueException? _failure;
    private int _lastRequest;
    private int _lastPort;

    public WorkerConnection(Stream stream)
    {
        _frames = new FrameStream(stream, hasOwnThread: true);
        new Thread(() => _ = ReadAsync()) { IsBackground = true, Name = "cotyledon queues" }.Start();
    }

    public IQueuePort Open(string queue)
    {
        var port = new LinkPort(this, (ushort)Interlocked.Increment(ref _lastPort));
        _ports[port.Number] = port;
        _frames.Write(FrameKind.Open, port.Number, queue, static (frame, name) => frame.Text(name));
        return port;
    }

    /// <summary>Sends a request and waits for its answer.</summary>
    private async Task<byte[]> AskAsync<TState>(
        FrameKind kind, ushort queue, TState state, FrameStream.FrameFiller<(int Request, TState State)> fill, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var request = Interlocked.Increment(ref _lastRequest);
        var answer = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        _requests[request] = answer;
        if (_failure is { } failure)
        {
            _requests.TryRemove(request, out _);
            throw failure;
        }

        _frames.Write(kind, queue, (request, state), fill);
        _frames.Flush();
        if (kind != FrameKind.Enqueue)
        {
            return await answer.Task.WaitAsync(ct).ConfigureAwait(false);
        }

        // Whether the items are in the queue is the master's to say, also after this.
        await using var cancellation = ct.Register(() => Cancel(queue, request)).ConfigureAwait(false);
        try
        {
            return await answer.Task.ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or QueueException && ct.IsCancellationRequested)
        {
            throw new OperationCanceledException(ct);
        }
    }

    private void Cancel(ushort queue, int request)
    {
        if (_isLost && _requests.TryRemove(request, out var answer))
        {
            answer.TrySetCanceled();
        }

        _frames.Write(FrameKind.CancelEnqueue, queue, request, static (frame, r) => frame.Number(r));
        _frames.Flush();
    }

    private async Task ReadAsync()
    {
        Exception? cause = null;
        try
        {
            await _frames.ReadAsync(OnFrame, () => { }).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            cause = e;
        }

        _isLost = true;
        if (cause is not null)
        {
            Fail(new QueueException("The connection with the master does not work any more.", cause));
            return;
        }

        // The same as at the end of the channel, which may be heard of later: the worker is about to be told to stop, and whoever
        // waits here hears of that by his token. A worker that terminates is not to look like one that crashed.
        Lifeline.Current?.Leave(StopCause.MasterGone);
        using var never = new SemaphoreSlim(0);
        never.Wait(Patience); // This thread has nothing else to do.
        Fail(new QueueException("The master is gone, and the queue with it."));
    }

    private void Fail(QueueException failure)
    {
        _failure = failure;
        foreach (var request in _requests.Values)
        {
            request.TrySetException(failure);
        }

        foreach (var port in _ports.Values)
        {
            port.OnClosed(failure);
        }
    }

    private void OnFrame(FrameKind kind, ushort queue, FrameFields fields)
    {
        if (kind == FrameKind.Items)
        {
            if (_ports.TryGetValue(queue, out var port))
            {
                port.OnArrived(Answers.ReadItems(ref fields));
            }

            return;
        }

        if (!_requests.TryRemove(fields.Number(), out var request))
        {
            return;
        }

        switch (kind)
        {
            case FrameKind.Answer:
                request.TrySetResult(fields.Bytes());
                break;
            case FrameKind.Cancelled:
                request.TrySetCanceled();
                break;
            case FrameKind.Failure:
                request.TrySetException(new QueueException(fields.Text()));
                break;
            default:
                throw new InvalidDataException($"The master sent a frame of kind {(byte)kind}, which is unknown.");
        }
    }

    /// <summary>One queue of this connection.</summary>
    private sealed class LinkPort(WorkerConnection connection, ushort number) : IQueuePort
    {
        /// <summary>Larger batches go in parts, so that others get a word in.</summary>
        private const int MaxPart = 1024 * 1024;

        private volatile IArrivals? _arrivals;

        public ushort Number => number;

        public IArrivals? Arrivals
        {
            set => _arrivals = value;
        }

        public void OnArrived(Arrival[] items)
        {
            foreach (var item in items)
            {
                _arrivals!.OnArrived(item);
            }
        }

        public void OnClosed(Exception cause) => _arrivals?.OnClosed(cause);

        public async Task EnqueueAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken ct)
        {
            for (var begin = 0; begin < bodies.Count;)
            {
                var (end, size) = (begin, 0L);
                do
                {
                    size += bodies[end++].Length;
                }
                while (end < bodies.Count && size + bodies[end].Length <= MaxPart);

                await connection.AskAsync(FrameKind.Enqueue, number, (bodies, begin, end), WritePart, ct).ConfigureAwait(false);
                begin = end;
            }
        }

        public void Grant(int count) =>
            connection._frames.Write(FrameKind.Grant, number, count, static (frame, c) => frame.Number(c));

        public void Settle(long id, Settlement settlement, TimeSpan delay) => connection._frames.Write(
            FrameKind.Settle,
            number,
            (id, settlement, delay),
            static (frame, s) => frame.Number(s.id).Byte((byte)s.settlement).Number(s.delay.Ticks));

        public void Flush() => connection._frames.Flush();

        public async Task<QueueStatistics> GetStatisticsAsync(CancellationToken ct) => Answers.ReadStatistics(
            await connection.AskAsync(FrameKind.GetStatistics, number, 0, static (frame, r) => frame.Number(r.Request), ct)
                .ConfigureAwait(false));

        public async Task<IReadOnlyList<Arrival>> GetDeadAsync(int max, CancellationToken ct) => Answers.ReadDead(
            await connection.AskAsync(
                FrameKind.GetDead, number, max, static (frame, r) => frame.Number(r.Request).Number(r.State), ct)
                .ConfigureAwait(false));

        public async Task<int> RetryDeadAsync(IReadOnlyCollection<long> ids, CancellationToken ct) => Answers.ReadNumber(
            await connection.AskAsync(FrameKind.RetryDead, number, ids, WriteIds, ct).ConfigureAwait(false));

        private static void WritePart(
            FrameWriter frame, (int Request, (IReadOnlyList<ReadOnlyMemory<byte>> Bodies, int Begin, int End) Part) request)
        {
            var (bodies, begin, end) = request.Part;
            frame.Number(request.Request).Number(end - begin);
            for (var i = begin; i < end; i++)
            {
                frame.Bytes(bodies[i].Span);
            }
        }

        private static void WriteIds(FrameWriter frame, (int Request, IReadOnlyCollection<long> Ids) request)
        {
            frame.Number(request.Request).Number(request.Ids.Count);
            foreach (var id in request.Ids)
            {
                frame.Number(id);
            }
        }
    }
}
