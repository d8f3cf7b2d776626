namespace Telemetry.Meters;

/// <summary>How much an amount has grown since the last reading, for each unit of what it is counted against.</summary>
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
