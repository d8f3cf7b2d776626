using Cotyledon.Hosting.Extensibility;

namespace Cotyledon.Hosting.Tests.Extensibility;

/// <summary>The requester of reloads, restarts and kills.</summary>
internal sealed class ControlRequesterTests
{
    [Test]
    public async Task Requester_belongs_to_the_asynchronous_flow_until_it_is_disposed_of()
    {
        Assert.That(ControlRequester.Current, Is.EqualTo("code"));
        using (ControlRequester.Use("outer"))
        {
            using (ControlRequester.Use("inner"))
            {
                await Task.Yield();
                Assert.That(ControlRequester.Current, Is.EqualTo("inner"));
            }

            Assert.That(ControlRequester.Current, Is.EqualTo("outer"));
        }

        Assert.That(ControlRequester.Current, Is.EqualTo("code"));
    }

    [Test]
    public void Requester_is_escaped_and_its_length_is_limited()
    {
        using var use = ControlRequester.Use("\x1b[31m" + new string('x', 1000));

        Assert.That(ControlRequester.Current, Does.StartWith("\\x1b[31mxxx").And.Length.EqualTo(200));
    }
}
