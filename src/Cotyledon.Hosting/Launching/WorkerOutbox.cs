using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Launching;

/// <summary>
/// The data that still has to be sent to one worker. If its socket is full, the data waits in bounded memory: of frames of one kind only
/// the latest is kept, and of configurations only the difference from the one that the worker has.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class WorkerOutbox
{
    // Smaller updates are sent together with the frames after them, in one system call.
    private const int MaxCopied = 4096;

    private ReadOnlyMemory<byte> _unsent;
    private ConfigurationImage? _sent;
    private ConfigurationImage? _wanted;
    private Frame.Assign? _assign;
    private Frame.Update? _update;
    private bool _reload;
    private bool _stop;

    /// <summary>Whether data waits until the socket takes more.</summary>
    public bool HasUnsent => !_unsent.IsEmpty || HasMore;

    private bool HasMore =>
        !ReferenceEquals(_sent, _wanted) || _assign is not null || _update is not null || _reload || _stop;

    /// <summary>Adds a configuration, which is sent before all frames that are added later.</summary>
    public void Add(ConfigurationImage configuration) => _wanted = configuration;

    public void Add(Frame frame)
    {
        switch (frame)
        {
            case Frame.Assign assign:
                _assign = assign;
                break;
            case Frame.Update update:
                _update = update;
                break;
            case Frame.Reload:
                _reload = true;
                break;
            case Frame.Stop:
                // A stopping worker needs neither updates nor reloads. An assignment that waits is still sent, because its graceful timeout counts.
                (_stop, _update, _reload) = (true, null, false);
                _wanted = _assign is null ? _sent : _wanted;
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(frame), frame, "The master does not send this frame.");
        }
    }

    /// <summary>Sends as much as the channel takes now.</summary>
    /// <param name="send">Sends bytes and returns their number: 0 if the channel is full, -1 if it is broken.</param>
    /// <returns>Whether the channel works.</returns>
    public bool Flush(Func<ReadOnlyMemory<byte>, int> send)
    {
        while (true)
        {
            if (_unsent.IsEmpty)
            {
                if (!HasMore)
                {
                    return true;
                }

                _unsent = TakeNext();
            }

            var count = send(_unsent);
            if (count <= 0)
            {
                return count == 0;
            }

            _unsent = _unsent[count..];
        }
    }

    private ReadOnlyMemory<byte> TakeNext()
    {
        byte[] update = [];
        if (!ReferenceEquals(_sent, _wanted))
        {
            update = _sent is null ? _wanted!.Whole : _wanted!.DifferenceFrom(_sent)!;
            _sent = _wanted;
            if (update.Length > MaxCopied)
            {
                return update;
            }
        }

        var result = new FrameWriter(update.Length + 256).Raw(update);
        foreach (var frame in (Frame?[])[_assign, _update, _reload ? Frame.Reload.Instance : null, _stop ? Frame.Stop.Instance : null])
        {
            if (frame is not null)
            {
                FrameCodec.Write(result, frame);
            }
        }

        (_assign, _update, _reload, _stop) = (null, null, false, false);
        return result.Detach();
    }
}
