using Cotyledon.Hosting.Cluster;
using Cotyledon.Hosting.Extensibility;

namespace Cotyledon.Hosting.Tests.Cluster;

/// <summary>What the log says of a store that does not answer.</summary>
internal sealed class ClusterProblemTests
{
    [Test]
    public void Duration_of_a_problem_does_not_depend_on_the_time_of_day()
    {
        using var logger = new TestLogger();
        var clock = new SteppedClock();
        var problem = new ClusterProblem("memory", write => write(logger), clock);
        problem.Note(ClusterCall.Read, new ClusterStoreException("out of order"));
        clock.UtcNow -= TimeSpan.FromHours(2);
        clock.Timestamp += clock.TimestampFrequency * 3;
        problem.Note(ClusterCall.Read, null);
        Assert.That(logger.Names, Is.EqualTo(new[] { "ClusterStoreFailed", "ClusterStoreAnswers" }));
        Assert.That(logger.Lines[1].Message, Does.EndWith("after 00:00:03."));
    }

    private sealed class SteppedClock : TimeProvider
    {
        public DateTimeOffset UtcNow { get; set; } = DateTimeOffset.UnixEpoch;

        public long Timestamp { get; set; }

        public override DateTimeOffset GetUtcNow() => UtcNow;

        public override long GetTimestamp() => Timestamp;
    }
}
