using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>The worker's end of the connection with the master, for all queues. Created when the first queue is used.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as its process.")]
internal sealed class WorkerConnection
{
    /// <summary>The time between the loss of the master and the failure of waiting calls, so that their cancellation comes first.</summary>
    private static readonly TimeSpan FailureDelay = TimeSpan.FromSeconds(1);

    private readonly FrameStream _frames;
    private readonly RequestWindow _enqueues = new(FrameLimits.MaxEnqueues);

    /// <summary>The window of all other requests: they must not wait behind items while a queue is full.</summary>
    private readonly RequestWindow _questions = new(FrameLimits.MaxQuestions);
    private readonly ConcurrentDictionary<int, WorkerRequest> _requests = new();
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

    private async Task<byte[]> AskAsync<TState>(
        FrameKind kind, ushort queue, long size, TState state, FrameStream.FrameFiller<(int Request, TState State)> fill, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var request = new WorkerRequest(
            Interlocked.Increment(ref _lastRequest),
            FrameLimits.Request(size),
            kind == FrameKind.Enqueue ? _enqueues : _questions,
            number =>
            {
                _frames.Write(kind, queue, (number, state), fill);
                _frames.Flush();
            });
        _requests[request.Number] = request;
        if (_failure is { } failure)
        {
            _requests.TryRemove(request.Number, out _);
            throw failure;
        }

        request.Window.Send(request);
        await using var cancellation = cancellationToken.Register(() => Cancel(kind, queue, request)).ConfigureAwait(false);
        try
        {
            return await request.Answer.Task.ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or QueueException && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (QueueException)
        {
            // A request that could not be sent gets no answer, which would remove it.
            _requests.TryRemove(request.Number, out _);
            throw;
        }
    }

    private void Cancel(FrameKind kind, ushort queue, WorkerRequest request)
    {
        if (request.Window.TryRemove(request) || _isLost)
        {
            _requests.TryRemove(request.Number, out _);
            request.Answer.TrySetCanceled();
        }
        else if (kind == FrameKind.Enqueue)
        {
            // The call still waits for the answer: only the master knows whether the items were added.
            _frames.Write(FrameKind.CancelEnqueue, queue, request.Number, static (frame, r) => frame.Int32(r));
            _frames.Flush();
        }
        else
        {
            // The request stays in the dictionary: its answer still has to free its part of the window.
            request.Answer.TrySetCanceled();
        }
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
            Fail(new QueueException("The connection to the master failed. Queues cannot be used until this worker is restarted.", cause));
            return;
        }

        // The lifeline stops the worker too when its own channel ends, perhaps later. The stopping token of the worker cancels the waiting calls
        // before they fail: a worker that stops must not look like one that crashed.
        WorkerProcess.ReportMasterExit();
        using var never = new SemaphoreSlim(0);
        never.Wait(FailureDelay); // This thread has nothing else to do.
        Fail(new QueueException("The master has exited; its queues are not available any more."));
    }

    private void Fail(QueueException failure)
    {
        _failure = failure;
        foreach (var request in _requests.Values)
        {
            request.Window.TryRemove(request);
            request.Answer.TrySetException(failure);
        }

        foreach (var port in _ports.Values)
        {
            port.OnClosed(failure);
        }
    }

    private void OnFrame(FrameKind kind, ushort queue, FieldReader fields)
    {
        if (kind == FrameKind.Items)
        {
            if (_ports.TryGetValue(queue, out var port))
            {
                port.OnArrived(Answers.ReadItems(ref fields));
            }

            return;
        }

        if (!_requests.TryRemove(fields.Int32(), out var request))
        {
            return;
        }

        request.Window.OnAnswered(request);
        switch (kind)
        {
            case FrameKind.Answer:
                request.Answer.TrySetResult(fields.Bytes());
                break;
            case FrameKind.Cancelled:
                request.Answer.TrySetCanceled();
                break;
            case FrameKind.Failure:
                request.Answer.TrySetException(new QueueException(fields.Text()));
                break;
            default:
                throw new InvalidDataException($"The master sent a frame of kind {(byte)kind}, which is unknown.");
        }
    }

    private sealed class LinkPort(WorkerConnection connection, ushort number) : IQueuePort
    {
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

        public async Task EnqueueAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken cancellationToken)
        {
            for (int begin = 0, end; begin < bodies.Count; begin = end)
            {
                (end, var size) = FrameLimits.Part(bodies, begin, static b => b);
                await connection.AskAsync(FrameKind.Enqueue, number, size, (bodies, begin, end), WritePart, cancellationToken).ConfigureAwait(false);
            }
        }

        public void Grant(int count) =>
            connection._frames.Write(FrameKind.Grant, number, count, static (frame, c) => frame.Int32(c));

        public void Settle(long id, Settlement settlement, TimeSpan delay) => connection._frames.Write(
            FrameKind.Settle,
            number,
            (id, settlement, delay),
            static (frame, s) => frame.Int64(s.id).Byte((byte)s.settlement).Int64(s.delay.Ticks));

        public void Flush() => connection._frames.Flush();

        public async Task<QueueStatistics> GetStatisticsAsync(CancellationToken cancellationToken) => Answers.ReadStatistics(
            await connection.AskAsync(FrameKind.GetStatistics, number, 0, 0, static (frame, r) => frame.Int32(r.Request), cancellationToken)
                .ConfigureAwait(false));

        public async Task<IReadOnlyList<Arrival>> GetDeadAsync(long after, int max, CancellationToken cancellationToken) => Answers.ReadDead(
            await connection.AskAsync(
                FrameKind.GetDead,
                number,
                FrameLimits.MaxPart,
                (after, max),
                static (frame, r) => frame.Int32(r.Request).Int64(r.State.after).Int32(r.State.max),
                cancellationToken).ConfigureAwait(false));

        public Task<int> RetryDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) =>
            AskAboutAsync(FrameKind.RetryDead, ids, cancellationToken);

        public Task<int> DeleteDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) =>
            AskAboutAsync(FrameKind.DeleteDead, ids, cancellationToken);

        private async Task<int> AskAboutAsync(FrameKind kind, IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
        {
            var count = 0;
            foreach (var part in ids.Chunk(FrameLimits.MaxIds))
            {
                count += Answers.ReadNumber(await connection.AskAsync(
                    kind, number, sizeof(long) * part.Length, part, WriteIds, cancellationToken).ConfigureAwait(false));
            }

            return count;
        }

        private static void WritePart(
            FrameWriter frame, (int Request, (IReadOnlyList<ReadOnlyMemory<byte>> Bodies, int Begin, int End) Part) request)
        {
            var (bodies, begin, end) = request.Part;
            frame.Int32(request.Request).Int32(end - begin);
            for (var i = begin; i < end; i++)
            {
                frame.Bytes(bodies[i].Span);
            }
        }

        private static void WriteIds(FrameWriter frame, (int Request, long[] Ids) request)
        {
            frame.Int32(request.Request).Int32(request.Ids.Length);
            foreach (var id in request.Ids)
            {
                frame.Int64(id);
            }
        }
    }
}
