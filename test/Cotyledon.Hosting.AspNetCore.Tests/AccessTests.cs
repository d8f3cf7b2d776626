using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.AspNetCore.Tests;

/// <summary>Who may read the page and who may use its actions.</summary>
internal sealed class AccessTests
{
    private const string Scale = """{"service":"polling","workers":3}""";

    private static readonly string[] Paths = ["/cotyledon/", "/cotyledon/app.js", "/cotyledon/stream"];

    [TestCaseSource(nameof(Paths))]
    public async Task Page_without_authorization_is_refused_in_Production(string path)
    {
        await using var server = await PageServer.StartAsync();

        Assert.That((await server.Client.GetAsync(path)).StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task Refused_requests_log_one_warning()
    {
        await using var server = await PageServer.StartAsync();

        await server.Client.GetAsync("/cotyledon/");
        await server.Client.GetAsync("/cotyledon/stream");

        var warning = server.Logs.GetSnapshot().Single(line => line.Level == LogLevel.Warning);
        Assert.That(warning.Message, Does.StartWith("The page at /cotyledon/ has no authorization").And.Contain("RequireAuthorization"));
    }

    [Test]
    public async Task Page_without_authorization_can_be_read_in_Development_on_the_same_machine()
    {
        await using var server = await PageServer.StartAsync("Development");

        Assert.That((await server.Client.GetAsync("/cotyledon/")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("X-Remote", "192.0.2.1")]
    [TestCase("X-Forwarded-For", "192.0.2.1")]
    [TestCase("Forwarded", "for=192.0.2.1")]
    [TestCase("Host", "rebound.example")]
    public async Task Page_without_authorization_is_refused_in_Development_for_others(string header, string value)
    {
        await using var server = await PageServer.StartAsync("Development");

        var response = await server.Client.SendAsync(server.Request(HttpMethod.Get, "/cotyledon/", null, (header, value)));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task Page_is_read_only_until_a_policy_is_named()
    {
        await using var server = await PageServer.StartAsync("Development");
        await using var page = await PageReader.OpenAsync(server);

        var snapshot = await page.ReadAsync("snapshot");
        var response = await server.Client.SendAsync(server.Action("scale", Scale));

        Assert.That(snapshot.GetProperty("actions").GetBoolean(), Is.False);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(server.Manager.Calls, Is.Empty);
    }

    [Test]
    public async Task Anonymous_request_is_refused_where_a_user_is_required()
    {
        await using var server = await PageServer.StartAsync(users: true);

        Assert.That((await server.Client.GetAsync("/cotyledon/")).StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((await server.Client.SendAsync(server.Action("scale", Scale))).StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task Reader_may_read_but_not_act()
    {
        await using var server = await PageServer.StartAsync(users: true);
        await using var page = await PageReader.OpenAsync(server, "reader");

        var response = await server.Client.SendAsync(server.Action("scale", Scale, "reader"));

        Assert.That((await page.ReadAsync("snapshot")).GetProperty("actions").GetBoolean(), Is.False);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("code").GetString(), Is.EqualTo("denied"));
        Assert.That(server.Manager.Calls, Is.Empty);
    }

    [Test]
    public async Task Operator_may_act()
    {
        await using var server = await PageServer.StartAsync(users: true);
        await using var page = await PageReader.OpenAsync(server, "op-anna");

        var response = await server.Client.SendAsync(server.Action("scale", Scale, "op-anna"));

        Assert.That((await page.ReadAsync("snapshot")).GetProperty("actions").GetBoolean(), Is.True);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(server.Manager.Calls, Is.EqualTo(["scale polling 3"]));
        Assert.That(server.Manager.Requester, Is.EqualTo("page user op-anna"));
        Assert.That(
            server.Logs.GetSnapshot().Select(line => line.Message), Does.Contain("page user op-anna requested scale polling: 2 -> 3 workers"));
    }

    [Test]
    public async Task User_whom_the_actions_policy_authenticates_with_another_scheme_is_named()
    {
        await using var server = await PageServer.StartAsync("Development", options: o => o.ActionsPolicy = "operators of another scheme");

        Assert.That(await ActAsync(("X-Operator", "op-anna")), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(server.Manager.Requester, Is.EqualTo("page user op-anna"));
        Assert.That(await ActAsync(("X-Operator", "guest")), Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(await ActAsync(("X-Nothing", "no user of the policy")), Is.EqualTo(HttpStatusCode.Forbidden));

        Assert.That(server.Manager.Calls, Is.EqualTo(["scale polling 3"]));
        Assert.That(
            server.Logs.GetSnapshot().Select(line => line.Message).Where(message => message.StartsWith("page user", StringComparison.Ordinal)),
            Is.EqualTo(
            [
                "page user op-anna requested scale polling: 2 -> 3 workers",
                "page user guest was denied scale: the actions policy does not allow it",
                "page user reader was denied scale: the actions policy does not allow it",
            ]));

        async Task<HttpStatusCode> ActAsync((string Name, string Value) header)
        {
            var request = server.Request(
                HttpMethod.Post, "/cotyledon/actions/scale", "reader", ("X-Cotyledon", "1"), ("Sec-Fetch-Site", "same-origin"), header);
            return (await server.Client.SendAsync(PageServer.WithBody(request, Scale))).StatusCode;
        }
    }

    [Test]
    public async Task Request_of_a_script_without_a_session_is_not_redirected_to_the_login()
    {
        await using var server = await PageServer.StartAsync(conventions: page => page.RequireAuthorization("session"));

        Assert.That((await server.Client.GetAsync("/cotyledon/")).StatusCode, Is.EqualTo(HttpStatusCode.Redirect));
        Assert.That((await server.Client.GetAsync("/cotyledon/stream")).StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((await server.Client.SendAsync(server.Action("scale", Scale))).StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [TestCase("Sec-Fetch-Site", "cross-site")]
    [TestCase("Sec-Fetch-Site", "same-site")]
    [TestCase("Sec-Fetch-Site", "none")]
    [TestCase("Origin", "https://other.example")]
    [TestCase("Origin", "null")]
    [TestCase("X-Nothing", "no header of a browser")]
    public async Task Cross_site_request_is_refused(string header, string value)
    {
        await using var server = await PageServer.StartAsync(users: true);
        var request = server.Request(HttpMethod.Post, "/cotyledon/actions/scale", "op-anna", ("X-Cotyledon", "1"), (header, value));

        var response = await server.Client.SendAsync(PageServer.WithBody(request, Scale));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(server.Manager.Calls, Is.Empty);
    }

    [Test]
    public async Task Request_with_the_origin_of_the_page_is_accepted()
    {
        await using var server = await PageServer.StartAsync(users: true);
        var request = server.Request(
            HttpMethod.Post, "/cotyledon/actions/scale", "op-anna", ("X-Cotyledon", "1"), ("Origin", server.Address.GetLeftPart(UriPartial.Authority)));

        Assert.That((await server.Client.SendAsync(PageServer.WithBody(request, Scale))).StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("0", "application/json")]
    [TestCase("1", "text/plain")]
    public async Task Request_that_a_form_of_another_site_could_send_is_refused(string custom, string type)
    {
        await using var server = await PageServer.StartAsync(users: true);
        var request = server.Request(
            HttpMethod.Post, "/cotyledon/actions/scale", "op-anna", ("X-Cotyledon", custom), ("Sec-Fetch-Site", "same-origin"));

        Assert.That((await server.Client.SendAsync(PageServer.WithBody(request, Scale, type))).StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task Other_site_cannot_read_the_stream()
    {
        await using var server = await PageServer.StartAsync("Development");
        var request = server.Request(HttpMethod.Get, "/cotyledon/stream", null, ("Sec-Fetch-Site", "cross-site"));

        Assert.That((await server.Client.SendAsync(request)).StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public void Unknown_policy_is_found_at_the_start() => Assert.That(
        async () => await PageServer.StartAsync(options: o => o.ActionsPolicy = "typo"),
        Throws.InvalidOperationException.With.Message.Contains("'typo'"));

    [TestCase(0)]
    [TestCase(1001)]
    public void Number_of_streams_is_limited(int streams) => Assert.That(
        async () => await PageServer.StartAsync(options: o => o.MaxStreams = streams), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
