namespace Cotyledon.Hosting.Cli.Client;

/// <summary>Reads lines from a stream, of at most <paramref name="limit"/> bytes.</summary>
internal sealed class LineReader(Stream stream, int limit)
{
    private byte[] _buffer = new byte[8 * 1024];
    private int _start;
    private int _end;

    /// <returns>The line without its end, valid until the next call; <see langword="null"/> at the end of the stream.</returns>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        var searched = 0;
        while (true)
        {
            var length = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var line = _buffer.AsMemory(_start, searched + length);
                _start += line.Length + 1;
                return line;
            }

            searched = _end - _start;
            MakeRoom();
            var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (count == 0)
            {
                // A line that is cut off is not a line.
                return null;
            }

            _end += count;
        }
    }

    private void MakeRoom()
    {
        var length = _end - _start;
        if (length > limit)
        {
            throw new ToolException(ExitCodes.Failed, $"The program sent an answer of more than {limit / (1024 * 1024)} MiB.");
        }

        var target = length == _buffer.Length ? new byte[Math.Min(_buffer.Length * 2, limit + 1)] : _buffer;
        if (_start > 0 || target != _buffer)
        {
            _buffer.AsSpan(_start, length).CopyTo(target);
            (_buffer, _start, _end) = (target, 0, length);
        }
    }
}
