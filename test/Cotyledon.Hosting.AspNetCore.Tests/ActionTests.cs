using System.Net;
using System.Text.Json;

namespace Cotyledon.Hosting.AspNetCore.Tests;

/// <summary>The actions of the page, their results and their errors.</summary>
internal sealed class ActionTests
{
    private PageServer _server = null!;

    [SetUp]
    public async Task StartAsync() => _server = await PageServer.StartAsync("Development", options: o => o.ActionsPolicy = "everyone");

    [TearDown]
    public async Task StopAsync() => await _server.DisposeAsync();

    [TestCase("scale", """{"service":"polling","workers":4}""", "scale polling 4")]
    [TestCase("start", """{"service":"polling"}""", "scale polling 2")]
    [TestCase("stop", """{"service":"polling"}""", "scale polling 0")]
    [TestCase("reset", """{"service":"polling"}""", "reset polling")]
    [TestCase("restart", """{"service":"polling"}""", "restart polling")]
    [TestCase("restart", """{"service":"polling","worker":1}""", "restart polling 1")]
    [TestCase("reload", "{}", "reload")]
    [TestCase("kill", """{"service":"polling","worker":1,"incarnation":1}""", "kill polling 1 1")]
    [TestCase("kill", """{"service":"polling","worker":1}""", "kill polling 1 1")]
    [TestCase("shutdown", """{"exitCode":3}""", "shutdown 3")]
    public async Task Action_calls_the_manager(string verb, string json, string call)
    {
        var (status, _) = await PostAsync(verb, json);

        Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(_server.Manager.Calls, Is.EqualTo([call]));
        Assert.That(_server.Manager.Requester, Is.EqualTo("page user (anonymous)"));
    }

    [TestCase("reload", """{"service":"x\nforged","worker":1}""", "reload: Reloaded")]
    [TestCase("shutdown", """{"queue":"x\nforged"}""", "shutdown: the program stops")]
    [TestCase("scale", """{"service":"polling","worker":1,"workers":4}""", "scale polling: 2 -> 4 workers")]
    [TestCase("restart", """{"service":"polling","queue":"x\nforged"}""", "restart polling: Reloaded")]
    [TestCase("kill", """{"service":"polling","worker":1}""", "kill polling(1): incarnation 1 killed")]
    [TestCase("queue.delete", """{"service":"x\nforged","queue":"samples","ids":[17]}""", "queue.delete samples: 1 items")]
    public async Task Log_has_only_names_that_the_action_has_looked_up(string verb, string json, string logged)
    {
        await PostAsync(verb, json);

        Assert.That(_server.Logs.GetSnapshot().Select(line => line.Message), Does.Contain($"page user (anonymous) requested {logged}"));
    }

    [TestCase("nothing", "{}", HttpStatusCode.NotFound, "notFound")]
    [TestCase("scale", """{"service":"unknown","workers":4}""", HttpStatusCode.NotFound, "notFound")]
    [TestCase("scale", """{"service":"polling"}""", HttpStatusCode.BadRequest, "usage")]
    [TestCase("scale", """{"service":"polling","workers":"4"}""", HttpStatusCode.BadRequest, "usage")]
    [TestCase("scale", "not JSON", HttpStatusCode.BadRequest, "usage")]
    [TestCase("scale", "null", HttpStatusCode.BadRequest, "usage")]
    [TestCase("scale", "", HttpStatusCode.BadRequest, "usage")]
    [TestCase("restart", """{"service":"polling","worker":9}""", HttpStatusCode.NotFound, "notFound")]
    [TestCase("kill", """{"service":"polling"}""", HttpStatusCode.BadRequest, "usage")]
    [TestCase("queue.retry", """{"queue":"unknown","all":true}""", HttpStatusCode.NotFound, "notFound")]
    [TestCase("queue.retry", """{"queue":"samples"}""", HttpStatusCode.BadRequest, "usage")]
    public async Task Wrong_request_is_answered_with_an_error(string verb, string json, HttpStatusCode status, string code)
    {
        var (actual, body) = await PostAsync(verb, json);

        Assert.That(actual, Is.EqualTo(status));
        Assert.That(body.GetProperty("code").GetString(), Is.EqualTo(code));
        Assert.That(body.GetProperty("message").GetString(), Is.Not.Empty);
        Assert.That(_server.Manager.Calls, Is.Empty);
    }

    [Test]
    public async Task Request_that_is_too_long_is_refused()
    {
        var (status, _) = await PostAsync("scale", $$"""{"service":"{{new string('x', 70_000)}}"}""");

        Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Old_incarnation_is_not_killed()
    {
        var (status, body) = await PostAsync("kill", """{"service":"polling","worker":1,"incarnation":7}""");

        Assert.That(status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(body.GetProperty("message").GetString(), Does.Contain("Incarnation 7 of polling(1)"));
    }

    [Test]
    public async Task Result_of_a_scale_has_the_numbers()
    {
        var (_, body) = await PostAsync("scale", """{"service":"polling","workers":4}""");

        Assert.That(body.GetProperty("from").GetInt32(), Is.EqualTo(2));
        Assert.That(body.GetProperty("to").GetInt32(), Is.EqualTo(4));
        Assert.That(body.GetProperty("configured").GetInt32(), Is.EqualTo(2));
    }

    [Test]
    public async Task Rejected_reload_is_a_result()
    {
        _server.Manager.Result = new ReloadResult { Outcome = ReloadOutcome.Rejected, Errors = ["'x' is not a number"] };

        var (status, body) = await PostAsync("reload", "{}");

        Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(body.GetProperty("outcome").GetString(), Is.EqualTo("Rejected"));
        Assert.That(body.GetProperty("errors")[0].GetString(), Is.EqualTo("'x' is not a number"));
    }

    [Test]
    public async Task Exceptions_of_the_manager_become_errors()
    {
        _server.Manager.Failure = new InvalidOperationException("The master is stopping.");
        Assert.That((await PostAsync("reload", "{}")).Status, Is.EqualTo(HttpStatusCode.Conflict));

        _server.Manager.Failure = new IOException("failed");
        Assert.That((await PostAsync("reload", "{}")).Status, Is.EqualTo(HttpStatusCode.InternalServerError));
    }

    [TestCase(ScaleOutcome.Superseded)]
    [TestCase(ScaleOutcome.Failed)]
    public async Task Scale_without_the_requested_number_of_workers_is_a_conflict(ScaleOutcome outcome)
    {
        _server.Manager.Scaled = new ScaleResult { Outcome = outcome, Errors = ["1 of 4 workers crashed too often."] };

        var (status, body) = await PostAsync("scale", """{"service":"polling","workers":4}""");

        Assert.That(status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(body.ToString(), Does.Contain("1 of 4 workers crashed too often."));
    }

    [Test]
    public async Task Stop_of_the_program_ends_the_wait_for_an_action()
    {
        _server.Manager.Resized = new TaskCompletionSource().Task;
        var action = PostAsync("scale", """{"service":"polling","workers":4}""");
        Assert.That(() => _server.Manager.Calls.Count, Is.EqualTo(1).After(30_000, 10));

        await _server.StopAsync().WaitAsync(TimeSpan.FromSeconds(15));

        Assert.That((await action).Status, Is.EqualTo(HttpStatusCode.Conflict));
    }

    [Test]
    public async Task Dead_items_are_listed_with_text_or_base64()
    {
        var (_, body) = await PostAsync("queue.dead", """{"queue":"samples","max":10}""");

        Assert.That(body.GetProperty("items")[0].GetProperty("text").GetString(), Is.EqualTo("""{"meter":"<b>m-17</b>"}"""));
        Assert.That(body.GetProperty("items")[1].GetProperty("base64").GetString(), Is.EqualTo("//4="));
    }

    [TestCase("queue.retry", """{"queue":"samples","ids":[17]}""", "retry 17", 1)]
    [TestCase("queue.delete", """{"queue":"samples","ids":[17,99]}""", "delete 17,99", 1)]
    [TestCase("queue.delete", """{"queue":"samples","all":true}""", "delete 17,18", 2)]
    public async Task Dead_items_are_retried_and_deleted(string verb, string json, string call, int count)
    {
        var (_, body) = await PostAsync(verb, json);

        Assert.That(_server.Queue.Calls, Is.EqualTo([call]));
        Assert.That(body.GetProperty("count").GetInt32(), Is.EqualTo(count));
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string verb, string json)
    {
        var response = await _server.Client.SendAsync(_server.Action(verb, json));
        return (response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync()));
    }
}
