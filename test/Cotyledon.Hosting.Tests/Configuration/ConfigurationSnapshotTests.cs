using Cotyledon.Hosting.Configuration;
using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Tests.Configuration;

internal sealed class ConfigurationSnapshotTests
{
    [Test]
    public void What_was_added_changed_or_removed_differs_in_alphabetical_order()
    {
        var before = Of(("Same", "1"), ("Changed", "1"), ("Removed", "1"));
        var after = Of(("Same", "1"), ("Changed", "2"), ("Added", "1"));

        Assert.That(before.KeysThatDifferFrom(after), Is.EqualTo(new[] { "Added", "Changed", "Removed" }));
        Assert.That(after.KeysThatDifferFrom(before), Is.EqualTo(new[] { "Added", "Changed", "Removed" }));
    }

    [Test]
    public void Keys_are_compared_without_regard_to_case_and_values_with() =>
        Assert.That(
            Of(("Colour", "red"), ("SHAPE", "round")).KeysThatDifferFrom(Of(("colour", "Red"), ("shape", "round"))),
            Is.EqualTo(new[] { "Colour" }).IgnoreCase);

    [Test]
    public void A_value_that_is_null_is_not_the_same_as_none() =>
        Assert.That(Of(("Key", null)).KeysThatDifferFrom(Of()), Is.EqualTo(new[] { "Key" }));

    [Test]
    public void What_changes_later_does_not_change_a_snapshot()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Key", "1")]).Build();
        var before = new ConfigurationSnapshot(configuration);

        configuration["Key"] = "2";

        Assert.That(before.KeysThatDifferFrom(new ConfigurationSnapshot(configuration)), Is.EqualTo(new[] { "Key" }));
    }

    [Test]
    public void No_configuration_is_an_empty_one() =>
        Assert.That(new ConfigurationSnapshot(configuration: null).KeysThatDifferFrom(Of()), Is.Empty);

    [TestCase("Cotyledon:Services:Poller", "Cotyledon:Services:Poller:Workers", "Cotyledon:Services:Sender:Workers")]
    [TestCase("Cotyledon:Services", "Cotyledon:Services:Poller:Workers", "Cotyledon:LogOptions")]
    [TestCase("Cotyledon", "Cotyledon:LogOptions", "Other")]
    public void A_section_of_Cotyledon_that_has_no_key_any_more_is_lost(string lost, string before, string after) =>
        Assert.That(Of((after, "1")).SectionsLostSince(Of((before, "1"), (after, "1"))), Does.Contain(lost));

    [TestCase("Cotyledon:Services:Poller:Workers", "cotyledon:services:POLLER:MaxRestarts")]
    [TestCase("Other:Key", "Another:Key")]
    public void A_section_that_still_has_a_key_and_one_of_somebody_else_are_not_lost(string before, string after) =>
        Assert.That(Of((after, "1")).SectionsLostSince(Of((before, "1"))), Is.Empty);

    [Test]
    public void A_section_of_values_that_never_was_is_not_lost() => Assert.That(Of().SectionsLostSince(Of()), Is.Empty);

    [Test]
    public void The_section_of_a_list_in_the_options_of_a_service_is_none_of_a_service() =>
        Assert.That(
            Of(("Cotyledon:Services:Poller:Workers", "1")).SectionsLostSince(
                Of(("Cotyledon:Services:Poller:Workers", "1"), ("Cotyledon:Services:Poller:Unknown:Key", "1"))),
            Is.Empty);

    [TestCase("Cotyledon", true)]
    [TestCase("cotyledon:logOptions", true)]
    [TestCase("CotyledonX:LogOptions", false)]
    [TestCase("X:Cotyledon", false)]
    public void What_stands_in_the_section_is_of_Cotyledon(string key, bool isOf) =>
        Assert.That(ConfigurationSnapshot.IsOfCotyledon(key), Is.EqualTo(isOf));

    private static ConfigurationSnapshot Of(params (string Key, string? Value)[] values) =>
        new(new ConfigurationBuilder().AddInMemoryCollection(values.ToDictionary(v => v.Key, v => v.Value)).Build());
}
