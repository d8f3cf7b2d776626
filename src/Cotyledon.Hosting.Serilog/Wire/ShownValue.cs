namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>A value whose type only the worker knows: an enum, a version. It looks as it does there, without quotes.</summary>
internal sealed class ShownValue(string text)
{
    public override string ToString() => text;
}
