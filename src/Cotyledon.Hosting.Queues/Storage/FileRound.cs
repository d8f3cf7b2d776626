namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>All that has come for a file since the last look.</summary>
internal sealed class FileRound
{
    public List<Settled> Settled { get; } = [];

    public List<FileAppend> Appends { get; } = [];

    public List<FileRequest> Requests { get; } = [];

    /// <summary>What has failed is to be tried again.</summary>
    public bool IsRetry { get; set; }

    /// <summary>Nothing comes after it.</summary>
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
