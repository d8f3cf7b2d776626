namespace Telemetry.Meters;

/// <summary>A value that can be read as it is.</summary>
internal sealed class GaugeMeter(string name, string unit, Func<double?> read) : IMeter
{
    public string Name => name;

    public string Unit => unit;

    public double? Read() => read();
}
