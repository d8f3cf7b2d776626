using Cotyledon.Hosting.Cluster;

namespace Cotyledon.Hosting.Tests.Cluster;

/// <summary>The default name of a cluster.</summary>
internal sealed class ClusterSettingsTests
{
    private const string Longest = "0123456789012345678901234567890123456789012345678901234567890123";

    [TestCase("", "application")]
    [TestCase("Billing.Worker_2-a", "Billing.Worker_2-a")]
    [TestCase(Longest, Longest)]
    public void Valid_name_of_an_application_is_the_name_of_its_cluster(string application, string name) =>
        Assert.That(ClusterSettings.NameOf(application), Is.EqualTo(name));

    [TestCase("Счета", "Почта")]
    [TestCase("a b", "a/b")]
    [TestCase("a b", "a-b")]
    [TestCase(Longest, Longest + "4")]
    [TestCase(Longest + "4", Longest + "5")]
    public void Applications_with_different_names_belong_to_different_clusters(string first, string second)
    {
        string[] names = [ClusterSettings.NameOf(first), ClusterSettings.NameOf(second)];
        Assert.That(names, Is.Unique);
        Assert.That(names.All(ClusterSettings.IsName), string.Join(", ", names));
    }

    [Test]
    public void Changed_name_is_the_same_in_each_process() => Assert.That(ClusterSettings.NameOf("a b"), Is.EqualTo("a-b-10a3f9f2"));
}
