namespace Cotyledon.Hosting.ProcessTests.Windows;

/// <summary>The control endpoint on a named pipe.</summary>
[Category("Windows")]
public class WindowsControlTests
{
    [Test]
    public async Task Requests_over_the_pipe_control_the_program()
    {
        await using var app = Wine.Start("--Heavy", "1", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        app.Command("""pipe {"id":1,"do":"scale","service":"heavy","workers":2}""");
        var scaled = (await app.WaitForAsync("pipe")).Detail;
        Assert.That(scaled, Does.StartWith("""{"protocol":1,"app":"Cotyledon.Hosting.TestApp",""").And.Contains("""{"id":1,"result":{"service":"heavy","from":1,"to":2,"""));
        app.Command("pipe garbage");
        Assert.That((await app.WaitForAsync(2, "pipe"))[1].Detail, Does.Contain("\"code\":\"usage\""));
        app.Command("""pipe {"id":3,"do":"status"}""");
        Assert.That((await app.WaitForAsync(3, "pipe"))[2].Detail, Does.Contain("\"ready\":2"));
        await app.ShutDownAsync();
    }
}
