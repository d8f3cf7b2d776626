namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

/// <summary>The measured values of all rounds.</summary>
internal sealed class Results
{
    private readonly Dictionary<(string System, Figure Figure), List<double>> _values = [];
    private readonly List<string> _failures = [];

    public IReadOnlyList<string> Failures => _failures;

    public void Add(MeasuredSystem system, Figure figure, double value)
    {
        if (!_values.TryGetValue((system.Name, figure), out var values))
        {
            _values[(system.Name, figure)] = values = [];
        }

        values.Add(value);
    }

    public void AddFailure(MeasuredSystem system, string message) => _failures.Add($"{system.Name}: {message}");

    /// <summary>Returns one value for each round, or none if the system does not support the figure.</summary>
    public IReadOnlyList<double> Of(MeasuredSystem system, Figure figure) =>
        _values.GetValueOrDefault((system.Name, figure), []);
}
