namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>A fault that the driver causes.</summary>
/// <param name="Name">The name in the tally.</param>
/// <param name="Weight">The frequency relative to the other faults.</param>
/// <param name="DoAsync">Causes the fault, and waits only until the fault itself has ended.</param>
internal sealed record Fault(string Name, int Weight, Func<MasterRun, Step, Task> DoAsync)
{
    public Fault(string name, int weight, Action<MasterRun, Step> act)
        : this(name, weight, (run, step) =>
        {
            act(run, step);
            return Task.CompletedTask;
        })
    {
    }
}

/// <summary>One step of a scenario. All its numbers are derived from the seed before the run.</summary>
/// <param name="Number">The number of the step, from 1.</param>
/// <param name="Fault">The fault.</param>
/// <param name="Service">The service concerned.</param>
/// <param name="Which">Selects one of the existing processes, from 0 to 1.</param>
/// <param name="Amount">The amount, from 0 to 999.</param>
/// <param name="Pause">The pause after the fault.</param>
internal sealed record Step(int Number, Fault Fault, string Service, double Which, int Amount, TimeSpan Pause)
{
    public override string ToString() => $"{Number}: {Fault.Name} ({Service}, {Which:0.00}, {Amount})";
}
