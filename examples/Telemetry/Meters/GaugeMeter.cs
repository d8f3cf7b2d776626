namespace Telemetry.Meters;

/// <summary>A meter whose value is read directly.</summary>
internal sealed class GaugeMeter(string name, string unit, Func<double?> read) : IMeter
{
    public string Name => name;

    public string Unit => unit;

    public double? Read() => read();
}
