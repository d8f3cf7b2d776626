using System.Runtime.Versioning;
using System.Text;
using Cotyledon.Hosting.Control;

namespace Cotyledon.Hosting.Tests.Control;

/// <summary>Actions that do not end, and whose clients may have gone.</summary>
[Platform(Exclude = "Win")]
[UnsupportedOSPlatform("windows")]
internal sealed class ControlActionLimitTests : ControlServerFixture
{
    private const int MaxActions = 32;

    [TestCase("""{"do":"scale","service":"polling","workers":4}""", "scale polling to 4")]
    [TestCase("""{"do":"reset","service":"polling"}""", "reset polling")]
    [TestCase("""{"do":"start","service":"polling"}""", "start polling")]
    [TestCase("""{"do":"stop","service":"polling"}""", "stop polling")]
    public void Client_that_has_gone_does_not_wait_for_workers_and_the_log_says_that_they_were_requested(string request, string logged)
    {
        var host = Host();
        for (var i = 1; i <= 2 * MaxActions; i++)
        {
            using (var session = Session(host))
            {
                Send(session, request);
            }

            Eventually(() => Logger.Lines.Count == i);
        }

        Assert.That(Manager.Calls, Has.Count.EqualTo(2 * MaxActions));
        Assert.That(
            Logger.Lines.Select(l => l.Message).Distinct(),
            Is.EqualTo(new[] { $"Control client uid 8 pid 1: {logged}: requested; its connection was closed" }));
    }

    [Test]
    public void Too_many_actions_are_refused_but_not_those_that_end_something()
    {
        var host = Host();
        for (var i = 0; i < MaxActions; i++)
        {
            using var session = Session(host);
            Send(session, """{"do":"reload"}""");
        }

        var output = new FakeOutput();
        using var refused = Session(host, output);
        Send(refused, """{"do":"reload"}""");
        Assert.That(output.Lines.Single(), Does.Contain("32 actions are running already"));
        Send(refused, """{"do":"kill","service":"polling","worker":0}""");
        Assert.That(output.Lines[1], Does.Contain("\"killed\":true"));
        Send(refused, """{"do":"shutdown"}""");
        Assert.That(output.Lines[2], Does.Contain("\"result\":{}"));
        Send(refused, """{"do":"stop","service":"polling"}""");
        Assert.That(
            Manager.Calls.Skip(MaxActions).Select(c => c.Split(" by ")[0]),
            Is.EqualTo(new[] { "kill polling 0 3", "shutdown 0", "scale polling 0" }));
    }

    private static ControlSession Session(ControlHost host, FakeOutput? output = null) =>
        new(host, ControlPeer.Of(8, 1, 8, new ControlSettings())!, output ?? new FakeOutput());

    private static void Send(ControlSession session, string request) => session.Receive(Encoding.UTF8.GetBytes(request));
}
