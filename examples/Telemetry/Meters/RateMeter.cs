namespace Telemetry.Meters;

/// <summary>The growth of an amount since the last reading, divided by the growth of its base.</summary>
internal sealed class RateMeter(string name, string unit, Func<Reading?> read) : IMeter
{
    private Reading? _last;

    public string Name => name;

    public string Unit => unit;

    public double? Read()
    {
        var before = _last;
        _last = read();
        return _last - before is { Amount: >= 0, Base: > 0 } growth ? growth.Amount / growth.Base : null;
    }
}
