namespace Cotyledon.Hosting.Shared;

// The greeting, and the results, the progress and the errors of requests.

/// <summary>The first line that the master sends on a connection.</summary>
internal sealed record GreetingObject
{
    public int Protocol { get; init; }

    public required string App { get; init; }

    public string? Version { get; init; }

    /// <summary>The version of this library.</summary>
    public string? Library { get; init; }

    public int Pid { get; init; }

    /// <summary><c>control</c> or <c>read</c>.</summary>
    public required string Access { get; init; }
}

internal sealed record StatusObject
{
    public required OverviewObject Overview { get; init; }

    public required IReadOnlyList<ServiceObject> Services { get; init; }

    public required IReadOnlyList<OperationObject> Operations { get; init; }

    public IReadOnlyList<QueueObject>? Queues { get; init; }
}

internal sealed record ExitsObject(IReadOnlyList<ExitObject> Exits);

internal sealed record OperationsObject(IReadOnlyList<OperationObject> Operations);

internal sealed record QueuesObject(IReadOnlyList<QueueObject> Queues);

internal sealed record DeadItemsObject(IReadOnlyList<DeadItemObject> Items);

internal sealed record CountObject(int Count);

internal sealed record LastEventObject(long Last);

/// <summary>Progress of <c>events</c>: an event.</summary>
internal sealed record EventProgressObject(EventObject Event);

/// <summary>Progress of <c>events</c>: events that are not kept any more.</summary>
internal sealed record GapProgressObject(GapObject Gap);

internal sealed record GapObject(long From, long To);

/// <summary>Progress of a change of the number of workers.</summary>
internal sealed record ReadyProgressObject(int Ready, int Target);

/// <summary>Progress of a reload or a rolling restart.</summary>
internal sealed record StepProgressObject(StepObject Step, int Done, int Total);

internal sealed record ResizeObject
{
    public required string Service { get; init; }

    public int From { get; init; }

    public int To { get; init; }

    public int Configured { get; init; }

    public long DurationMs { get; init; }
}

internal sealed record KillObject
{
    public bool Killed { get; init; }

    public int? Pid { get; init; }

    public long Incarnation { get; init; }
}

internal sealed record EmptyObject;

internal sealed record ErrorObject(string Code, string Message);
