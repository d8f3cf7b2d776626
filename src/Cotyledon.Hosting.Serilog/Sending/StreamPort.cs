namespace Cotyledon.Hosting.Serilog.Sending;

/// <summary>
/// Sends over a pipe on Windows, which has no call that never waits: one write of a copy at a time runs in the background.
/// </summary>
internal sealed class StreamPort(Stream stream) : ISendPort
{
    private readonly byte[] _copy = new byte[64 * 1024];
    private volatile Task _writing = Task.CompletedTask;

    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        if (!_writing.IsCompleted)
        {
            return 0;
        }

        if (_writing.IsFaulted)
        {
            return -1;
        }

        var count = Math.Min(bytes.Length, _copy.Length);
        bytes[..count].CopyTo(_copy);
        _writing = WriteAsync(count);
        return count;
    }

    public void WaitUntilWritable() => Wait(Timeout.InfiniteTimeSpan);

    public bool HasSent(TimeSpan timeout) => Wait(timeout);

    private async Task WriteAsync(int count) => await stream.WriteAsync(_copy.AsMemory(0, count)).ConfigureAwait(false);

    private bool Wait(TimeSpan timeout)
    {
        try
        {
            return _writing.Wait(timeout);
        }
        catch (AggregateException)
        {
            // TrySend reports the error.
            return true;
        }
    }
}
