namespace Cotyledon.Hosting.Cli.Client;

/// <summary>A queue. If it has an error, it says why the numbers are missing.</summary>
internal sealed record QueueRecord(
    string? Name, string? Store, long Waiting, long Taken, long Completed, long Redelivered, long Dead, string? Error);

internal sealed record QueuesRecord(IReadOnlyList<QueueRecord>? Queues);

/// <summary>A dead item. Its body is text or Base64, and can be cut; the number of bytes is its whole size.</summary>
internal sealed record DeadItemRecord(long Id, long Attempts, string? Text, string? Base64, long Bytes);

internal sealed record DeadItemsRecord(IReadOnlyList<DeadItemRecord>? Items);

internal sealed record CountRecord(int Count);
