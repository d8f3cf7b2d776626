using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>What is wrong at present. Logged once when something is, and once when nothing is any more.</summary>
internal sealed class NatsHealth(string queue, ILogger logger)
{
    private readonly Lock _gate = new();
    private string? _ofServer;
    private string? _ofWrites;

    public string? Text
    {
        get
        {
            lock (_gate)
            {
                return _ofServer ?? _ofWrites;
            }
        }
    }

    /// <summary>The server cannot be reached, or does not do what it is asked for; <see langword="null"/>: it does.</summary>
    public void OfServer(string? text) => Set(ref _ofServer, text);

    /// <summary>It does not store what it is given; <see langword="null"/>: it does.</summary>
    public void OfWrites(string? text) => Set(ref _ofWrites, text);

    private void Set(ref string? place, string? text)
    {
        lock (_gate)
        {
            var hadAny = (_ofServer ?? _ofWrites) is not null;
            place = text;
            if (!hadAny && text is not null)
            {
                Queues.Log.StoreInTrouble(logger, queue, text);
            }
            else if (hadAny && (_ofServer ?? _ofWrites) is null)
            {
                Queues.Log.StoreWorksAgain(logger, queue);
            }
        }
    }
}
