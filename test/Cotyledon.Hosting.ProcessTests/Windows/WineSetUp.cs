namespace Cotyledon.Hosting.ProcessTests.Windows;

/// <summary>Skips the tests of this folder where Wine or the published program is missing.</summary>
[SetUpFixture]
public class WineSetUp
{
    [OneTimeSetUp]
    public void Boot()
    {
        if (Wine.Missing is { } missing)
        {
            Assert.Ignore(missing);
        }

        Wine.Boot();
    }

    [OneTimeTearDown]
    public void End()
    {
        if (Wine.Missing is null)
        {
            Wine.End();
        }
    }
}
