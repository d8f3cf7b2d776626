namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>All work for a file that was added since the previous round.</summary>
internal sealed class FileRound
{
    public List<Settled> Settled { get; } = [];

    public List<FileAppend> Appends { get; } = [];

    public List<FileRequest> Requests { get; } = [];

    public bool IsRetry { get; set; }

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
