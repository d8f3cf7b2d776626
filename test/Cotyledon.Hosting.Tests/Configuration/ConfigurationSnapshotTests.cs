using Cotyledon.Hosting.Configuration;
using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Tests.Configuration;

internal sealed class ConfigurationSnapshotTests
{
    [Test]
    public void Added_changed_and_removed_keys_are_returned_in_alphabetical_order()
    {
        var before = Of(("Same", "1"), ("Changed", "1"), ("Removed", "1"));
        var after = Of(("Same", "1"), ("Changed", "2"), ("Added", "1"));

        Assert.That(before.KeysThatDifferFrom(after), Is.EqualTo(new[] { "Added", "Changed", "Removed" }));
        Assert.That(after.KeysThatDifferFrom(before), Is.EqualTo(new[] { "Added", "Changed", "Removed" }));
    }

    [Test]
    public void Keys_are_compared_case_insensitively_and_values_case_sensitively() =>
        Assert.That(
            Of(("Colour", "red"), ("SHAPE", "round")).KeysThatDifferFrom(Of(("colour", "Red"), ("shape", "round"))),
            Is.EqualTo(new[] { "Colour" }).IgnoreCase);

    [Test]
    public void A_null_value_differs_from_a_missing_key() =>
        Assert.That(Of(("Key", null)).KeysThatDifferFrom(Of()), Is.EqualTo(new[] { "Key" }));

    [Test]
    public void Later_changes_do_not_affect_a_snapshot()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Key", "1")]).Build();
        var before = new ConfigurationSnapshot(configuration);

        configuration["Key"] = "2";

        Assert.That(before.KeysThatDifferFrom(new ConfigurationSnapshot(configuration)), Is.EqualTo(new[] { "Key" }));
    }

    [Test]
    public void A_null_configuration_is_an_empty_snapshot() =>
        Assert.That(new ConfigurationSnapshot(configuration: null).KeysThatDifferFrom(Of()), Is.Empty);

    [TestCase("Cotyledon:Services:Poller", "Cotyledon:Services:Poller:Workers", "Cotyledon:Services:Sender:Workers")]
    [TestCase("Cotyledon:Services", "Cotyledon:Services:Poller:Workers", "Cotyledon:LogOptions")]
    [TestCase("Cotyledon", "Cotyledon:LogOptions", "Other")]
    public void A_section_of_Cotyledon_without_remaining_keys_is_lost(string lost, string before, string after) =>
        Assert.That(Of((after, "1")).SectionsLostSince(Of((before, "1"), (after, "1"))), Does.Contain(lost));

    [TestCase("Cotyledon:Services:Poller:Workers", "cotyledon:services:POLLER:MaxRestarts")]
    [TestCase("Other:Key", "Another:Key")]
    public void Sections_with_remaining_keys_and_sections_of_the_program_are_not_lost(string before, string after) =>
        Assert.That(Of((after, "1")).SectionsLostSince(Of((before, "1"))), Is.Empty);

    [Test]
    public void A_section_that_never_existed_is_not_lost() => Assert.That(Of().SectionsLostSince(Of()), Is.Empty);

    [Test]
    public void A_nested_section_in_the_options_of_a_service_is_not_lost() =>
        Assert.That(
            Of(("Cotyledon:Services:Poller:Workers", "1")).SectionsLostSince(
                Of(("Cotyledon:Services:Poller:Workers", "1"), ("Cotyledon:Services:Poller:Unknown:Key", "1"))),
            Is.Empty);

    [TestCase("Cotyledon", true)]
    [TestCase("cotyledon:logOptions", true)]
    [TestCase("CotyledonX:LogOptions", false)]
    [TestCase("X:Cotyledon", false)]
    public void Only_keys_in_the_section_Cotyledon_are_of_Cotyledon(string key, bool isOf) =>
        Assert.That(ConfigurationSnapshot.IsOfCotyledon(key), Is.EqualTo(isOf));

    private static ConfigurationSnapshot Of(params (string Key, string? Value)[] values) =>
        new(new ConfigurationBuilder().AddInMemoryCollection(values.ToDictionary(v => v.Key, v => v.Value)).Build());
}
