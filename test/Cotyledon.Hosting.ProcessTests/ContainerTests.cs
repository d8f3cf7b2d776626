namespace Cotyledon.Hosting.ProcessTests;

/// <summary>A program whose dependency injection container is Autofac.</summary>
public class ContainerTests
{
    [Test]
    public async Task Workers_run_their_service_and_kept_hosted_services_only()
    {
        await using var app = TestProgram.StartAs(
            Path.Combine(TestProgram.DirectoryOf("AutofacApp"), "Cotyledon.Hosting.AutofacApp"), _ => { });
        await app.UntilAsync(
            () => app.Output.Contains("Worker 0 runs with a service of the container.") && app.Output.Contains("Worker 1 runs with"),
            "both workers run");
        await app.UntilAsync(() => Count(app, "Everywhere runs in a worker: True.") == 2, "the kept hosted service in both workers");
        Assert.That(Count(app, "MasterOnly runs in a worker: False."), Is.EqualTo(1));
        Assert.That(Count(app, "MasterOnly runs in a worker: True."), Is.Zero);

        app.Signal(Linux.Terminate);
        Assert.That(await app.WaitForExitAsync(), Is.Zero);
        await app.UntilGoneAsync();
    }

    private static int Count(TestProgram app, string text) => app.Output.Split(text).Length - 1;
}
