namespace Cotyledon.Hosting.Tests.Configuration;

internal sealed class UnknownKeysTests
{
    private readonly Program _program = new();

    [TestCase("GracefullShutdownTimeout", "Cotyledon:GracefullShutdownTimeout is not a known setting of Cotyledon.Hosting")]
    [TestCase("SectionName", "Cotyledon:SectionName is not a known setting")]
    [TestCase("Services:Pollar:Workers", "no service 'Pollar' is registered. Registered services: Poller")]
    [TestCase("Services:Poller:Worker", "Cotyledon:Services:Poller:Worker is not a known setting of a service")]
    public void Unknown_keys_log_a_warning(string key, string warning)
    {
        Assert.That(_program.With(key, "1").Settings().Warnings().Single(), Does.Contain(warning).And.Contain("no effect"));
    }

    [TestCase("HookTimeout")]
    [TestCase("hooktimeout")]
    [TestCase("HostedServicesInWorkers:0")]
    [TestCase("Services:Poller:Workers")]
    [TestCase("Services:poller:WORKERS")]
    public void Known_keys_log_no_warning(string key)
    {
        Assert.That(_program.With(key, "1").Settings().Warnings(), Is.Empty);
    }

    [Test]
    public void Every_unknown_key_logs_a_warning()
    {
        var warnings = _program
            .With("A", "1").With("Services:B:Workers", "1").With("Services:B:X", "1").With("Services:Poller:C", "1")
            .Settings().Warnings();

        Assert.That(warnings.Count(), Is.EqualTo(3), "all keys of an unknown service count as one");
    }
}
