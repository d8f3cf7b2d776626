namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>Something that can happen to the program.</summary>
/// <param name="Name">As it is counted and printed.</param>
/// <param name="Weight">How often it happens, compared with the others.</param>
/// <param name="DoAsync">Makes it happen; waits only as long as the fault itself takes.</param>
internal sealed record Fault(string Name, int Weight, Func<Life, Step, Task> DoAsync)
{
    public Fault(string name, int weight, Action<Life, Step> act)
        : this(name, weight, (life, step) =>
        {
            act(life, step);
            return Task.CompletedTask;
        })
    {
    }
}

/// <summary>One step of a scenario. All its numbers come from the seed, before anything has happened.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Fault">What is done.</param>
/// <param name="Service">To which service.</param>
/// <param name="Which">To which of those that are there, from 0 to 1.</param>
/// <param name="Amount">How much, from 0 to 999.</param>
/// <param name="Pause">And then nothing, for so long.</param>
internal sealed record Step(int Number, Fault Fault, string Service, double Which, int Amount, TimeSpan Pause)
{
    public override string ToString() => $"{Number}: {Fault.Name} ({Service}, {Which:0.00}, {Amount})";
}
