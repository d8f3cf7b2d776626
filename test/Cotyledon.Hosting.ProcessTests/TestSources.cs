namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The files of the test program's further configuration sources, in its directory.</summary>
internal static class TestSources
{
    public const string ExtraFile = "extra.json";
    public const string PolledFile = "polled.txt";
}
