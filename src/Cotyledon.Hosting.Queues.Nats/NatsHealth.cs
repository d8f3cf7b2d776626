using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>The present problems of a queue. Logged once when the first one begins, and once when the last one ends.</summary>
internal sealed class NatsHealth(string queue, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly HashSet<object> _troubled = [];
    private string? _serverProblem;
    private string? _writeProblem;

    public string? Text => Volatile.Read(ref _serverProblem) ?? Volatile.Read(ref _writeProblem);

    /// <summary>Sets the problem with the connection or the streams; <see langword="null"/> if there is none.</summary>
    public void SetServerProblem(string? text) => Set(ref _serverProblem, text);

    /// <summary>
    /// Sets the problem of one call with storing its items; <see langword="null"/> if it has none, or has ended. The queue has the problem until no call
    /// has it any more: a call that is cancelled says nothing about the server.
    /// </summary>
    public void SetWriteProblem(object call, string? text)
    {
        lock (_gate)
        {
            if (text is not null)
            {
                _troubled.Add(call);
                Set(ref _writeProblem, text);
            }
            else if (_troubled.Remove(call) && _troubled.Count == 0)
            {
                Set(ref _writeProblem, null);
            }
        }
    }

    private void Set(ref string? place, string? text)
    {
        lock (_gate)
        {
            var hadAny = (_serverProblem ?? _writeProblem) is not null;
            place = text;
            if (!hadAny && text is not null)
            {
                Log.StoreInTrouble(logger, queue, text);
            }
            else if (hadAny && (_serverProblem ?? _writeProblem) is null)
            {
                Log.StoreWorksAgain(logger, queue);
            }
        }
    }
}
