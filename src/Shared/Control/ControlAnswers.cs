namespace Cotyledon.Hosting.Shared;

// The greeting, and the results, the progress and the errors of requests.

/// <summary>The first line that the master sends on a connection.</summary>
internal sealed class GreetingObject : IControlObject
{
    public int Protocol { get; init; }

    public required string App { get; init; }

    public string? Version { get; init; }

    /// <summary>The version of this library.</summary>
    public string? Library { get; init; }

    public int Pid { get; init; }

    /// <summary><c>control</c> or <c>read</c>.</summary>
    public required string Access { get; init; }

    public void Write(ControlFields to) => to.Add(Protocol).Add(App).Add(Version).Add(Library).Add(Pid).Add(Access);
}

internal sealed class StatusObject : IControlObject
{
    public required OverviewObject Overview { get; init; }

    public required IReadOnlyList<ServiceObject> Services { get; init; }

    public required IReadOnlyList<OperationObject> Operations { get; init; }

    public IReadOnlyList<QueueObject>? Queues { get; init; }

    public void Write(ControlFields to) => to.Add(Overview).Add(Services).Add(Operations).Add(Queues);
}

internal sealed record ExitsObject(IReadOnlyList<ExitObject> Exits) : IControlObject
{
    public void Write(ControlFields to) => to.Add(Exits);
}

internal sealed record OperationsObject(IReadOnlyList<OperationObject> Operations) : IControlObject
{
    public void Write(ControlFields to) => to.Add(Operations);
}

internal sealed record QueuesObject(IReadOnlyList<QueueObject> Queues) : IControlObject
{
    public void Write(ControlFields to) => to.Add(Queues);
}

internal sealed record DeadItemsObject(IReadOnlyList<DeadItemObject> Items) : IControlObject
{
    public void Write(ControlFields to) => to.Add(Items);
}

internal sealed record CountObject(int Count) : IControlObject
{
    public void Write(ControlFields to) => to.Add(Count);
}

internal sealed record LastEventObject(long Last) : IControlObject
{
    public void Write(ControlFields to) => to.Add(Last);
}

/// <summary>Progress of <c>events</c>: an event.</summary>
internal sealed record EventProgressObject(EventObject Event) : IControlObject
{
    public void Write(ControlFields to) => to.Add(Event);
}

/// <summary>Progress of <c>events</c>: events that are not kept any more.</summary>
internal sealed record GapProgressObject(GapObject Gap) : IControlObject
{
    public void Write(ControlFields to) => to.Add(Gap);
}

internal sealed record GapObject(long From, long To) : IControlObject
{
    public void Write(ControlFields to) => to.Add(From).Add(To);
}

/// <summary>Progress of a change of the number of workers.</summary>
internal sealed record ReadyProgressObject(int Ready, int Target) : IControlObject
{
    public void Write(ControlFields to) => to.Add(Ready).Add(Target);
}

/// <summary>Progress of a reload or a rolling restart.</summary>
internal sealed record StepProgressObject(StepObject Step, int Done, int Total) : IControlObject
{
    public void Write(ControlFields to) => to.Add(Step).Add(Done).Add(Total);
}

internal sealed class ScaleObject : IControlObject
{
    public required string Service { get; init; }

    public int From { get; init; }

    public int To { get; init; }

    public int Configured { get; init; }

    public long DurationMs { get; init; }

    public void Write(ControlFields to) => to.Add(Service).Add(From).Add(To).Add(Configured).Add(DurationMs);
}

internal sealed class KillObject : IControlObject
{
    public bool Killed { get; init; }

    public int? Pid { get; init; }

    public long Incarnation { get; init; }

    public void Write(ControlFields to) => to.Add(Killed).Add(Pid).Add(Incarnation);
}

internal sealed record EmptyObject : IControlObject
{
    public void Write(ControlFields to)
    {
    }
}

internal sealed record ErrorObject(string Code, string Message) : IControlObject
{
    public void Write(ControlFields to) => to.Add(Code).Add(Message);
}
