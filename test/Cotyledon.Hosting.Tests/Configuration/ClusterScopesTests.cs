using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Tests.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary>The settings of services of a cluster.</summary>
internal sealed class ClusterScopesTests
{
    private readonly Program _program = new();

    [Test]
    public void Service_of_the_cluster_without_a_store_is_an_error_that_names_the_package() => Assert.That(
        _program.With("Services:Poller:Scope", "Cluster").Errors().Single(),
        Does.Contain("Scope is Cluster for 'Poller', but no cluster store is registered").And.Contain("AddCotyledonPostgresCluster"));

    [Test]
    public void Service_of_the_cluster_with_a_store_is_accepted()
    {
        var settings = WithStore().With("Services:Poller:Scope", "cluster").With("Services:Poller:MaxWorkersHere", "0").With("Cluster:LeaseDuration", "20s").Read();
        Assert.That((settings.Services[0].Scope, settings.Services[0].MaxWorkersHere), Is.EqualTo((WorkerScope.Cluster, (int?)0)));
        Assert.That((settings.Cluster!.Name, settings.Cluster.LeaseDuration), Is.EqualTo(("application", TimeSpan.FromSeconds(20))));
    }

    [Test]
    public void Cluster_is_not_used_if_no_service_belongs_to_it() => Assert.That(WithStore().With("Cluster:Name", "orders").Read().Cluster, Is.Null);

    [Test]
    public void Store_that_no_service_uses_is_a_warning()
    {
        var settings = WithStore().Settings();
        settings.Read();
        Assert.That(settings.Warnings().Single(), Does.Contain("no service has the Scope Cluster").And.Contain("Cotyledon:Services:NAME:Scope"));
    }

    [Test]
    public void Store_that_a_service_uses_is_no_warning()
    {
        var settings = WithStore().With("Services:Poller:Scope", "Cluster").Settings();
        settings.Read();
        Assert.That(settings.Warnings(), Is.Empty);
    }

    [TestCase("Cluster:Name", "a b", "1 to 64 letters")]
    [TestCase("Cluster:Name", "a/b", "1 to 64 letters")]
    [TestCase("Cluster:Name", "größe", "1 to 64 letters")]
    [TestCase("Cluster:LeaseDuration", "4s", "it must be from 00:00:05 to 01:00:00.")]
    [TestCase("Cluster:LeaseDuration", "infinite", "00:00:05")]
    [TestCase("Cluster:LeaseDuration", "2h", "01:00:00")]
    [TestCase("Services:Poller:Scope", "World", "Program, Cluster")]
    [TestCase("Services:Poller:MaxWorkersHere", "-1", "0")]
    public void Invalid_value_is_an_error(string key, string value, string limit) =>
        Assert.That(WithStore().With(key, value).Errors().Single(), Does.Contain($"Cotyledon:{key}").And.Contain(limit));

    [Test]
    public void Mode_InProcess_is_refused_for_a_service_of_the_cluster()
    {
        var settings = WithStore().With("Services:Poller:Scope", "Cluster").With("Mode", "InProcess").Settings();
        Assert.That(
            () => settings.ReadForThisProcess(),
            Throws.TypeOf<OptionsValidationException>().With.Message.Contains("Cotyledon:Mode is InProcess, but Scope is Cluster for 'Poller'"));
    }

    [Test]
    public void Test_host_runs_the_service_without_the_cluster_and_says_so()
    {
        var settings = WithStore().With("Services:Poller:Scope", "Cluster").Settings();
        Assert.That(settings.ReadForThisProcess().Services[0].Scope, Is.EqualTo(WorkerScope.Program));
        Assert.That(settings.Warnings(), Has.One.Contains("The workers of 'Poller' run inside this process, without the cluster"));
    }

    private Program WithStore()
    {
        _program.Services.AddSingleton<IClusterStore, MemoryClusterStore>();
        return _program;
    }
}
