using Cotyledon.Hosting.Cluster;
using Cotyledon.Hosting.Extensibility;

namespace Cotyledon.Hosting.Tests.Cluster;

/// <summary>The text of the records.</summary>
internal sealed class ClusterCodecTests
{
    private const string GoodRoster = """{"protocol":1,"owners":["s1"],"ids":[[0,1],[-1,5]]}""";
    private const string GoodPulse = """{"protocol":1,"machine":"m","processId":7,"beat":3,"lease":15000,"services":[{"name":"A","workers":2}]}""";

    [Test]
    public void Records_are_read_as_they_were_written()
    {
        var codec = new ClusterCodec("c");
        var pulse = new Pulse
        {
            Session = "s1",
            Machine = "m ü",
            ProcessId = 7,
            Beat = 3,
            Lease = 15_000,
            HasEnded = true,
            Services = [new PulseService("A", 0), new PulseService("B", 3, MaxHere: 0)],
        };
        var roster = new Roster { Service = "A b/c", Ids = [new RosterId("s1", 1), RosterId.Free, new RosterId("s2", 5_000_001), new RosterId("s1", 9)] };
        var view = codec.Read([Record("c/roster/A b/c", codec.Write(roster, 0)), Record("c/pulse/s1", ClusterCodec.Write(pulse))]);
        Assert.That(view.Pulses.Single().Value.Services, Is.EqualTo(pulse.Services));
        Assert.That(view.Pulses.Single().Value with { Services = pulse.Services }, Is.EqualTo(pulse));
        Assert.That(view.Rosters.Single().Value.Service, Is.EqualTo("A b/c"));
        Assert.That(view.Rosters.Single().Value.Ids, Is.EqualTo(roster.Ids));
    }

    [Test]
    public void Members_of_a_later_version_are_kept_when_a_roster_is_written_again()
    {
        var codec = new ClusterCodec("c");
        var text = GoodRoster.Replace("{\"protocol", "{\"later\":{\"x\":[1]},\"protocol", StringComparison.Ordinal);
        var roster = codec.Read([Record("c/roster/A", text, revision: 4)]).Rosters.Single();
        Assert.That(codec.Write(roster.Value, expectedRevision: 4), Does.Contain("\"later\":{\"x\":[1]}"));
        Assert.That(codec.Write(roster.Value, expectedRevision: 5), Does.Not.Contain("later"), "not the record that was read");
    }

    [Test]
    public void Roster_of_a_thousand_ids_is_short()
    {
        var roster = new Roster { Service = "A", Ids = [.. Enumerable.Range(0, 1000).Select(i => new RosterId($"{i % 10:d32}", 7_000_001))] };
        Assert.That(new ClusterCodec("c").Write(roster, 0), Has.Length.LessThan(15_000));
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("{}")]
    [TestCase("""{"protocol":2,"owners":[],"ids":[]}""")]
    [TestCase("""{"protocol":1,"owners":[null],"ids":[]}""")]
    [TestCase("""{"protocol":1,"owners":[""],"ids":[]}""")]
    [TestCase("""{"protocol":1,"owners":null,"ids":[]}""")]
    [TestCase("""{"protocol":1,"owners":["s"],"ids":[null]}""")]
    [TestCase("""{"protocol":1,"owners":["s"],"ids":[[0]]}""")]
    [TestCase("""{"protocol":1,"owners":["s"],"ids":[[1,1]]}""")]
    [TestCase("""{"protocol":1,"owners":["s"],"ids":[[-2,1]]}""")]
    [TestCase("""{"protocol":1,"owners":["s"],"ids":[[0,-1]]}""")]
    [TestCase("""{"protocol":1,"owners":["s"],"ids":[[0,9223372036854775807]]}""")]
    [TestCase("""{"protocol":1,"owners":["s"],"ids":[[0,99999999999999999999]]}""")]
    [TestCase("""{"protocol":1,"owners":["s"],"ids":[["0","1"]]}""")]
    public void Invalid_roster_is_an_error_that_names_the_record(string text) =>
        Assert.That(
            () => new ClusterCodec("c").Read([Record("c/roster/A\n", text)]),
            Throws.TypeOf<ClusterStoreException>().With.Message.Contains(@"'c/roster/A\n' is invalid"));

    [TestCase("\"processId\":7", "\"processId\":\"7\"")]
    [TestCase("\"lease\":15000", "\"lease\":-1")]
    [TestCase("\"lease\":15000", "\"lease\":99999999999")]
    [TestCase("\"workers\":2", "\"workers\":-1")]
    [TestCase("\"workers\":2", "\"workers\":10001")]
    [TestCase("\"name\":\"A\"", "\"name\":\"\"")]
    [TestCase("\"name\":\"A\"", "\"name\":null")]
    [TestCase("{\"name\":\"A\",\"workers\":2}", "null")]
    [TestCase("{\"name\":\"A\",\"workers\":2}", "{\"name\":\"A\",\"workers\":2},{\"name\":\"A\",\"workers\":2}")]
    [TestCase("\"protocol\":1", "\"protocol\":9")]
    [TestCase("\"machine\":\"m\",", "")]
    public void Invalid_pulse_is_an_error(string part, string replacement)
    {
        var codec = new ClusterCodec("c");
        Assert.That(() => codec.Read([Record("c/pulse/s1", GoodPulse)]), Throws.Nothing);
        Assert.That(
            () => new ClusterCodec("c").Read([Record("c/pulse/s1", GoodPulse.Replace(part, replacement, StringComparison.Ordinal))]),
            Throws.TypeOf<ClusterStoreException>().With.Message.Contains("'c/pulse/s1' is invalid"));
    }

    [Test]
    public void Roster_with_more_ids_than_a_service_may_have_workers_is_an_error()
    {
        var text = $$"""{"protocol":1,"owners":["s"],"ids":[{{string.Join(',', Enumerable.Repeat("[0,1]", 10_001))}}]}""";
        Assert.That(() => new ClusterCodec("c").Read([Record("c/roster/A", text)]), Throws.TypeOf<ClusterStoreException>());
    }

    private static ClusterRecord Record(string key, string value, long revision = 1) => new() { Key = key, Value = value, Revision = revision };
}
