using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Control;

/// <summary>
/// The requests of one connection. One request runs at a time; further ones wait. Requests that only read the state are answered on the
/// thread of the transport, so that they do not need the thread pool, which code of the program may block.
/// </summary>
internal sealed class ControlSession(ControlHost host, ControlPeer peer, IControlOutput output) : IDisposable
{
    /// <summary>The number of requests that may wait. Then no more are read.</summary>
    private const int MaxWaiting = 8;

    private readonly Lock _gate = new();
    private readonly Queue<Pending> _waiting = new();
    private readonly CancellationTokenSource _closed = new();
    private Pending? _running;

    public bool IsBusy
    {
        get
        {
            lock (_gate)
            {
                return _running is not null;
            }
        }
    }

    public bool CanReceive
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count < MaxWaiting;
            }
        }
    }

    public void Greet() => output.Send(ControlLines.Greeting(host.Greet(peer)));

    /// <summary>Handles a line. Empty lines are ignored.</summary>
    public void Receive(ReadOnlyMemory<byte> line)
    {
        if (line.Span.Trim(" \t\r"u8).IsEmpty)
        {
            return;
        }

        long? id = null;
        Pending pending;
        try
        {
            var request = ControlLines.Read(line, out id);
            if (request.Do == "cancel")
            {
                Cancel(id);
                return;
            }

            pending = new Pending(request, null);
        }
        catch (ControlError e)
        {
            // Answered in its turn, after the requests before it.
            pending = new Pending(new ControlRequest { Id = id }, e);
        }

        lock (_gate)
        {
            _waiting.Enqueue(pending);
            if (_running is not null)
            {
                return;
            }

            _running = _waiting.Dequeue();
        }

        _ = RunAsync();
    }

    /// <summary>Ends all waits. Actions go on, and their answers are dropped.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _waiting.Clear();
        }

        // Not disposed of, because running requests use it.
        _closed.Cancel();
    }

    private async Task RunAsync()
    {
        for (var pending = _running; pending is not null;)
        {
            try
            {
                await output.WaitForRoomAsync(_closed.Token).ConfigureAwait(false);
                output.Send(await AnswerAsync(pending).ConfigureAwait(false));
            }
            catch (Exception) when (_closed.IsCancellationRequested)
            {
                // There is no reader for the answer any more.
            }

            // In this order: the transport may close the connection if the session is not busy any more, and nothing else wakes it then.
            pending = Next();
            output.OnAnswered();
        }
    }

    private Pending? Next()
    {
        lock (_gate)
        {
            return _running = _waiting.Count > 0 && !_closed.IsCancellationRequested ? _waiting.Dequeue() : null;
        }
    }

    private async Task<byte[]> AnswerAsync(Pending pending)
    {
        var id = pending.Request.Id;
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token, pending.Cancelled.Token);
            var call = new ControlCall(host, peer, pending.Request, output, either.Token);
            return pending.Error is { } error ? ControlLines.Error(id, error) : await ControlVerbs.RunAsync(call).ConfigureAwait(false);
        }
        catch (Exception e) when (!_closed.IsCancellationRequested)
        {
            return ControlLines.Error(id, ControlError.From(e, IsRunning()));
        }
    }

    /// <summary>Returns whether the supervisor runs; the services of the program may throw while it stops.</summary>
    private bool IsRunning()
    {
        try
        {
            return host.IsRunning;
        }
        catch (Exception)
        {
            return false;
        }
    }

    /// <summary>Ends streams of events. Other requests cannot be cancelled.</summary>
    private void Cancel(long? id)
    {
        lock (_gate)
        {
            foreach (var pending in _waiting.Append(_running).OfType<Pending>().Where(p => p.Request.Id == id && p.Request.Do == "events"))
            {
                pending.Cancelled.CancelAsync();
            }
        }
    }

    private sealed record Pending(ControlRequest Request, ControlError? Error)
    {
        public CancellationTokenSource Cancelled { get; } = new();
    }
}
