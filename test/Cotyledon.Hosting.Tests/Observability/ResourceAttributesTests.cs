using Cotyledon.Hosting.Launching;
using Cotyledon.Hosting.Observability;

namespace Cotyledon.Hosting.Tests.Observability;

internal sealed class ResourceAttributesTests
{
    private const string Id = "service.instance.id=6f9619ff-8b86-d011-b42d-00c04fc964ff";

    [TestCase(null, Id)]
    [TestCase("", Id)]
    [TestCase("a=b", "a=b," + Id)]
    [TestCase("a=b%2Cc%3Dd, x = y ,", "a=b%2Cc%3Dd, x = y ," + Id)]
    [TestCase("service.instance.id=master", Id)]
    [TestCase("a=b, service.instance.id =master,c=d", "a=b,c=d," + Id)]
    [TestCase("service.instance.id.other=1", "service.instance.id.other=1," + Id)]
    [TestCase("nonsense", "nonsense," + Id)]
    public void The_instance_id_is_replaced_and_other_attributes_are_kept(string? given, string expected) => Assert.That(
        ResourceAttributes.WithInstance(given, new Guid("6f9619ff-8b86-d011-b42d-00c04fc964ff")), Is.EqualTo(expected));

    [Test]
    public void Each_process_gets_its_own_instance_id_added_to_the_attributes_of_its_service()
    {
        var ofMaster = new Dictionary<string, string> { [ResourceAttributes.Variable] = "a=b", ["OTHER"] = "1" };
        var first = WorkerEnvironment.ForOne(ofMaster, new Dictionary<string, string?>());
        var second = WorkerEnvironment.ForOne(ofMaster, new Dictionary<string, string?> { [ResourceAttributes.Variable] = "own=1", ["OTHER"] = null });

        Assert.That(first[ResourceAttributes.Variable], Does.Match("^a=b,service.instance.id=[0-9a-f-]{36}$"));
        Assert.That(second[ResourceAttributes.Variable], Does.Match("^own=1,service.instance.id=[0-9a-f-]{36}$"));
        Assert.That(first[ResourceAttributes.Variable][^36..], Is.Not.EqualTo(second[ResourceAttributes.Variable][^36..]));
        Assert.That((first["OTHER"], second.ContainsKey("OTHER"), ofMaster[ResourceAttributes.Variable]), Is.EqualTo(("1", false, "a=b")));
    }
}
