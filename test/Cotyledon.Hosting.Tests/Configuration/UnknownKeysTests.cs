namespace Cotyledon.Hosting.Tests.Configuration;

internal sealed class UnknownKeysTests
{
    private readonly Program _program = new();

    [TestCase("GracefullShutdownTimeout", "Cotyledon:GracefullShutdownTimeout is not a known setting of Cotyledon.Hosting")]
    [TestCase("SectionName", "Cotyledon:SectionName is not a known setting")]
    [TestCase("Services:Pollar:Workers", "no service 'Pollar' is registered, only Poller")]
    [TestCase("Services:Poller:Worker", "Cotyledon:Services:Poller:Worker is not a known setting of a service")]
    public void What_nobody_reads_is_warned_of(string key, string warning)
    {
        Assert.That(_program.With(key, "1").Settings().Warnings().Single(), Does.Contain(warning).And.Contain("no effect"));
    }

    [TestCase("HookTimeout")]
    [TestCase("hooktimeout")]
    [TestCase("HostedServicesInWorkers:0")]
    [TestCase("Services:Poller:Workers")]
    [TestCase("Services:poller:WORKERS")]
    public void What_is_read_is_not_warned_of(string key)
    {
        Assert.That(_program.With(key, "1").Settings().Warnings(), Is.Empty);
    }

    [Test]
    public void Each_mistake_is_warned_of()
    {
        var warnings = _program
            .With("A", "1").With("Services:B:Workers", "1").With("Services:B:X", "1").With("Services:Poller:C", "1")
            .Settings().Warnings();

        Assert.That(warnings.Count(), Is.EqualTo(3), "a service that is not there is one mistake");
    }
}
