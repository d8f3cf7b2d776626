namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>
/// A value of any other type, such as an enum or a version, as its text. It is rendered as in the worker, without quotes.
/// </summary>
internal sealed class ShownValue(string text)
{
    public override string ToString() => text;
}
