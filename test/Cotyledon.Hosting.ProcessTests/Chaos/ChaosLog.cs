using System.Diagnostics;

namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>
/// What the driver does and sees, as lines like those of the trace and on the same clock: <c>do-...</c> and <c>saw-...</c>, with
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

    /// <param name="what">What was done or seen.</param>
    /// <param name="processId">With whom.</param>
    /// <param name="service">With which service.</param>
    /// <param name="detail">More about it.</param>
    /// <param name="at">When, where that is not now.</param>
    public void Add(string what, int processId = 0, string service = "-", string detail = "", TimeSpan? at = null)
    {
        lock (_gate)
        {
            _lines.Add(new TraceLine(at ?? Now, processId, what, service, -1, Step, detail));
        }
    }
}
