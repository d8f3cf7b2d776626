using Cotyledon.Hosting.Serilog.Receiving;
using Cotyledon.Hosting.Serilog.Wire;

namespace Cotyledon.Hosting.Serilog.Tests.Receiving;

/// <summary>Records the reported losses.</summary>
internal sealed class RecordedLosses : ILogLosses
{
    public List<(string? Service, long Count)> Dropped { get; } = [];

    public List<(string? Service, long Count, Exception Error)> Unreadable { get; } = [];

    public List<string?> Closed { get; } = [];

    public void OnDropped(LogIdentity worker, long count) => Dropped.Add((worker.Service, count));

    public void OnUnreadable(LogIdentity worker, long count, Exception error) => Unreadable.Add((worker.Service, count, error));

    public void OnClosed(LogIdentity worker, Exception error) => Closed.Add(worker.Service);
}
