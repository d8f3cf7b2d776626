namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>All work for a file that was added since the previous round.</summary>
internal sealed class FileRound
{
    public List<Settled> Settled { get; } = [];

    public List<FileAppend> Appends { get; } = [];

    public List<FileRequest> Requests { get; } = [];

    /// <summary>True if failed operations are to be retried.</summary>
    public bool IsRetry { get; set; }

    /// <summary>True if no other round follows.</summary>
    public bool IsLast { get; set; }

    public bool IsEmpty => Settled.Count == 0 && Appends.Count == 0 && Requests.Count == 0 && !IsRetry;

    public void Clear()
    {
        Settled.Clear();
        Appends.Clear();
        Requests.Clear();
        IsRetry = false;
    }
}
