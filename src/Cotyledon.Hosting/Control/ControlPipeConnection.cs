using System.Diagnostics.CodeAnalysis;
using System.Runtime.Versioning;
using System.Threading.Channels;
using PipeStream = System.IO.Pipes.PipeStream;

namespace Cotyledon.Hosting.Control;

/// <summary>One connection of the named pipe.</summary>
[SupportedOSPlatform("windows")]
internal sealed class ControlPipeConnection : IControlOutput, IDisposable
{
    /// <summary>While more lines wait, no further answer is created.</summary>
    private const int MaxWaiting = 64;

    private readonly Channel<byte[]> _lines = System.Threading.Channels.Channel.CreateUnbounded<byte[]>();
    [SuppressMessage("Usage", "CA2213", Justification = "Requests that go on after the end of the connection still release it.")]
    private readonly SemaphoreSlim _changed = new(0);

    private readonly LineBuffer _input = new(ControlLines.MaxRequest);
    private readonly ControlSession _session;
    private readonly PipeStream _pipe;
    private readonly TimeProvider _clock;

    public ControlPipeConnection(PipeStream pipe, ControlHost host)
    {
        (_pipe, _clock) = (pipe, host.Clock);
        _session = new ControlSession(host, new ControlPeer($"user {Environment.UserName}", MayControl: true), this);
    }

    public void Send(byte[] line) => _lines.Writer.TryWrite(line);

    public async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        while (_lines.Reader.Count > MaxWaiting)
        {
            await _changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void OnAnswered() => _changed.Release();

    /// <summary>Serves the connection until one end closes it, or a limit is exceeded.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _session.Greet();
        var (reading, writing) = (ReadAsync(either.Token), WriteAsync(either.Token));
        await Task.WhenAny(reading, writing).ConfigureAwait(false);
        await either.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(reading, writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _session.Dispose();

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        var limit = ControlLimits.LineTimeout;
        while (true)
        {
            while (_session.CanReceive && _input.TryTake(out var line))
            {
                _session.Receive(line);
            }

            if (_input.IsTooLong)
            {
                return;
            }

            if (_input.HasLine)
            {
                await _changed.WaitAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            var count = await ReadAsync(buffer, limit, cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                return;
            }

            _input.Add(buffer.AsSpan(0, count));
            limit = _input.HasLine || _input.IsEmpty ? ControlLimits.IdleTimeout : ControlLimits.LineTimeout;
        }
    }

    /// <summary>Reads bytes. The limit does not apply while a request runs, and begins again after it.</summary>
    private async Task<int> ReadAsync(byte[] buffer, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var wasBusy = _session.IsBusy;
        using var timer = _clock.CreateTimer(_ => CloseIfIdle(), null, limit, limit);
        return await _pipe.ReadAsync(buffer.AsMemory(0, Math.Min(buffer.Length, _input.Room)), timeout.Token).ConfigureAwait(false);

        void CloseIfIdle()
        {
            if (wasBusy)
            {
                // The request may have ended a moment ago.
                wasBusy = _session.IsBusy;
            }
            else
            {
                // Does not throw in the timer if the read has ended meanwhile.
                _ = timeout.TryCancelAsync();
            }
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        await foreach (var line in _lines.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            using var limit = new CancellationTokenSource(ControlLimits.SendTimeout, _clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
            await _pipe.WriteAsync(line, either.Token).ConfigureAwait(false);
            _changed.Release();
        }
    }
}
