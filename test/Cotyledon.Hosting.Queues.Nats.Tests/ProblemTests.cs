using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Cotyledon.Hosting.Queues.Nats.Tests;

/// <summary>The descriptions of server problems.</summary>
internal sealed class ProblemTests
{
    private const string Refused =
        " refused the login (authorization violation). Check the user and password or the token in Cotyledon:Queues:samples:Url and the "
        + "authorization of the server.";

    private const string NoJetStream =
        " is reachable, but JetStream does not answer. Unless a cluster is just starting, JetStream is not enabled: start "
        + "nats-server with -js or with a jetstream block in its configuration. If accounts are used, enable JetStream for the account.";

    private static readonly NatsProblem Problem = new("samples", "nats://a.example:4222");

    private static IEnumerable<TestCaseData> Problems()
    {
        yield return Case(new NatsServerException("Authorization Violation"), Refused, "Login_that_is_refused");
        yield return Case(
            new NatsException("can not start to connect nats server: nats://me:***@a", new NatsServerException("Authorization Violation")),
            Refused,
            "Login_that_is_refused_at_the_first_connection");
        yield return Case(new NatsNoRespondersException(), NoJetStream, "Server_without_JetStream");
        yield return Case(
            new NatsJSApiException(new ApiError { Code = 503, ErrCode = 10039, Description = "not enabled for account" }),
            NoJetStream,
            "Account_without_JetStream");
        yield return Case(
            new NatsException("can not connect uris: nats://me:***@a"),
            ": no connection is possible. Check that a NATS server is running there and can be reached.",
            "Server_that_is_unavailable");
        yield return Case(new QueueException("It is full."), ": It is full.", "Other_exception");

        static TestCaseData Case(Exception exception, string text, string name) => new TestCaseData(exception, text).SetName(name);
    }

    [TestCaseSource(nameof(Problems))]
    public void Problem_is_described_with_its_fix(Exception exception, string text) =>
        Assert.That(Problem.Describe(exception), Is.EqualTo("nats://a.example:4222" + text));

    [Test]
    public void Last_error_of_the_server_is_added() => Assert.That(
        Problem.Describe(new NatsException("No answer"), "Permissions Violation for Publish"),
        Is.EqualTo("nats://a.example:4222: No answer. The server sent: Permissions Violation for Publish."));

    [Test]
    public async Task Wrong_password_is_named_without_the_password()
    {
        await using var server = NatsServer.Create(arguments: ["--user", "me", "--pass", "right"]);
        await server.StartAsync();
        var url = server.Url.Replace("://", "://me:wrong@", StringComparison.Ordinal);
        await using var machine = new Machine(url);

        await Eventually.Is(() => machine.HealthIssue == server.Url + Refused, "the refused login is named");
        Assert.That(
            async () => await machine.Queue.GetStatisticsAsync().WaitAsync(Eventually.Limit),
            Throws.TypeOf<QueueException>().With.Message.EqualTo(server.Url + Refused));
    }

    [Test]
    public async Task Missing_JetStream_is_named()
    {
        await using var server = NatsServer.Create(hasJetStream: false);
        await server.StartAsync();
        await using var machine = new Machine(server.Url);

        await Eventually.Is(() => machine.HealthIssue == server.Url + NoJetStream, "the missing JetStream is named");
    }

    [Test]
    public async Task Password_that_is_changed_on_the_server_is_named()
    {
        await using var server = NatsServer.Create(arguments: ["--user", "me", "--pass", "right"]);
        await server.StartAsync();
        await using var machine = new Machine(server.Url.Replace("://", "://me:right@", StringComparison.Ordinal));
        await machine.Queue.EnqueueAsync(1).WaitAsync(Eventually.Limit);
        server.Kill();
        await server.StartAsync("--user", "me", "--pass", "other");

        await Eventually.Is(() => machine.HealthIssue == server.Url + Refused, "the refused login is named");
    }
}
