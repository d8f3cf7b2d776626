using Cotyledon.Hosting.Web.Configuration;
using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Web.Tests.Configuration;

/// <summary>The options are read from the section, and errors name key and value.</summary>
internal sealed class WebOptionsTests
{
    [Test]
    public void Options_are_read_from_the_section()
    {
        var options = Read(
            new CotyledonWebOptions(),
            ("Cotyledon:Web:DrainTimeout", "3s"), ("Cotyledon:Web:MaxRequests", "100"), ("Cotyledon:Web:MaxConnectionWait", "1m"),
            ("Cotyledon:Web:Affinity", "ClientAddress"), ("Cotyledon:Web:MasterEndpoints:0", "Management"),
            ("Kestrel:Endpoints:Management:Url", "http://127.0.0.1:1"));
        Assert.That(options.Errors, Is.Empty);
        Assert.That(options.Value.DrainTimeout, Is.EqualTo(TimeSpan.FromSeconds(3)));
        Assert.That(options.Value.MaxRequests, Is.EqualTo(100));
        Assert.That(options.Value.MaxConnectionWait, Is.EqualTo(TimeSpan.FromMinutes(1)));
        Assert.That(options.Value.Affinity, Is.EqualTo(WebAffinity.ClientAddress));
        Assert.That(options.Value.MasterEndpoints, Is.EqualTo(new[] { "Management" }));
    }

    [TestCase("DrainTimeout", "0s", "Cotyledon:Web:DrainTimeout is 0")]
    [TestCase("DrainTimeout", "5", "Cotyledon:Web:DrainTimeout is '5'")]
    [TestCase("MaxRequests", "0", "Cotyledon:Web:MaxRequests is 0")]
    [TestCase("MaxConnectionWait", "2d", "Cotyledon:Web:MaxConnectionWait is ")]
    [TestCase("Affinity", "Cookie", "Cotyledon:Web:Affinity is 'Cookie'")]
    [TestCase("MasterEndpoints:0", "Nosuch", "Cotyledon:Web:MasterEndpoints is 'Nosuch'; it must be the name of an endpoint in Kestrel:Endpoints, which has none")]
    public void Invalid_value_is_reported(string key, string value, string error)
    {
        var (_, errors) = Read(new CotyledonWebOptions(), ($"Cotyledon:Web:{key}", value));
        Assert.That(errors, Has.Some.StartsWith(error));
    }

    [TestCase("http://127.0.0.1:80", "http://127.0.0.1:80", ExpectedResult = true)]
    [TestCase("http://localhost:80", "http://[::1]:80", ExpectedResult = true)]
    [TestCase("http://a.localhost:80", "http://127.0.0.1:80", ExpectedResult = true)]
    [TestCase("http://a.localhost:80", "http://*:80", ExpectedResult = false)]
    [TestCase("http://*:80", "http://[::]:80", ExpectedResult = true)]
    [TestCase("http://unix:/a", "http://unix:/a", ExpectedResult = true)]
    [TestCase("http://unix:/a", "http://unix:/b", ExpectedResult = false)]
    [TestCase("http://127.0.0.1:80", "http://127.0.0.1:81", ExpectedResult = false)]
    public bool Master_endpoint_needs_its_own_address(string master, string other) => Read(
        new CotyledonWebOptions { MasterEndpoints = { "M" } },
        ("Kestrel:Endpoints:M:Url", master), ("Kestrel:Endpoints:Other:Url", other)).Errors.Any(e => e.Contains("an endpoint whose address no other endpoint has", StringComparison.Ordinal));

    [Test]
    public void Url_that_the_server_will_refuse_is_no_error_here()
    {
        var (_, errors) = Read(new CotyledonWebOptions { MasterEndpoints = { "M" } }, ("Kestrel:Endpoints:M:Url", "nonsense"));
        Assert.That(errors, Is.Empty);
    }

    private static (CotyledonWebOptions Value, IReadOnlyList<string> Errors) Read(
        CotyledonWebOptions options, params (string Key, string Value)[] values)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(values.ToDictionary(v => v.Key, v => (string?)v.Value))
            .Build();
        var setup = new WebOptionsSetup(configuration);
        setup.PostConfigure("", options);
        return (options, [.. setup.Validate("", options).Failures ?? []]);
    }
}
