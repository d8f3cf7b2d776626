namespace Cotyledon.Hosting.ProcessTests.Windows;

/// <summary>Skips the tests of this folder where Wine or the published program is missing.</summary>
[SetUpFixture]
public class WineSetUp
{
    private static string? Missing => Wine.Executable is null
        ? "COTYLEDON_WINDOWS_TESTAPP is not set. Run these tests with: dotnet cake --target=Windows"
        : Wine.Missing;

    [OneTimeSetUp]
    public void Boot()
    {
        if (Missing is { } missing)
        {
            Assert.Ignore(missing);
        }

        Wine.Boot();
    }

    [OneTimeTearDown]
    public void End()
    {
        if (Missing is null)
        {
            Wine.End();
        }
    }
}
