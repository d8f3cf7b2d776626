using Quartz;

namespace OsloMigration;

/// <summary>Runs at the times of the calendar.</summary>
internal sealed class MyCalendarTask(ILogger<MyCalendarTask> logger) : IJob
{
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        logger.LogInformation("It is {Time}; next time {Next}.", context.ScheduledFireTimeUtc, context.NextFireTimeUtc);
        return ValueTask.CompletedTask;
    }
}
