using System.Diagnostics;

namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>
/// The actions and observations of the driver, as trace lines on the same clock: <c>do-...</c> and <c>saw-...</c>, with
/// the number of the step in the place of the incarnation.
/// </summary>
internal sealed class ChaosLog
{
    private readonly Lock _gate = new();
    private readonly List<TraceLine> _lines = [];

    public int Step { get; set; }

    public IReadOnlyList<TraceLine> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    public static TimeSpan Now => TimeSpan.FromSeconds(Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency);

    /// <param name="what">The action or observation.</param>
    /// <param name="processId">The process concerned.</param>
    /// <param name="service">The service concerned.</param>
    /// <param name="detail">Details.</param>
    /// <param name="at">The time, if it is not now.</param>
    public void Add(string what, int processId = 0, string service = "-", string detail = "", TimeSpan? at = null)
    {
        lock (_gate)
        {
            _lines.Add(new TraceLine(at ?? Now, processId, what, service, -1, Step, detail));
        }
    }
}
