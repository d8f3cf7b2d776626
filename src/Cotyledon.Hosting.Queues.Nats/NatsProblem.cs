using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>
/// Describes a problem with a server: its addresses without user names and passwords, the problem, and the remedy.
/// </summary>
internal sealed class NatsProblem(string queue, string servers)
{
    private const int NotEnabledForAccount = 10039;
    private const int NotEnabled = 10076;

    /// <summary>Describes the exception of a call, and the last error that the server has sent outside of an answer.</summary>
    public string Describe(Exception exception, string? serverError = null)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case NatsServerException { IsAuthError: true } refused:
                    return LoginRefused(refused.Error);
                case NatsNoRespondersException:
                case NatsJSApiException { Error.ErrCode: NotEnabled or NotEnabledForAccount }:
                    return JetStreamMissing();
            }
        }

        // Not the message of a failed connection: it has the whole address.
        var text = exception switch
        {
            NatsException { InnerException: null } when IsFailedConnection(exception) =>
                "no connection is possible. Check that a NATS server is running there and can be reached",
            NatsException { InnerException: { } inner } when IsFailedConnection(exception) => inner.Message,
            _ => exception.Message,
        };
        return $"{servers}: {Sentence(text)}{(serverError is null ? "" : $" The server sent: {Sentence(serverError)}")}";
    }

    /// <summary>Describes a refused login; returns <see langword="null"/> for any other error.</summary>
    public string? DescribeLogin(string error) => new NatsServerException(error).IsAuthError ? LoginRefused(error) : null;

    private string LoginRefused(string error) =>
        $"{servers} refused the login ({error.Trim('\'').ToLowerInvariant()}). Check the user and password or the token in "
        + $"Cotyledon:Queues:{queue}:Url and the authorization of the server.";

    private string JetStreamMissing() =>
        $"{servers} is reachable, but JetStream does not answer. Unless a cluster is just starting, JetStream is not enabled: start "
        + "nats-server with -js or with a jetstream block in its configuration. If accounts are used, enable JetStream for the account.";

    private static bool IsFailedConnection(Exception exception) =>
        exception.Message.StartsWith("can not connect uris", StringComparison.Ordinal)
        || exception.Message.StartsWith("can not start to connect", StringComparison.Ordinal);

    private static string Sentence(string text) => text.EndsWith('.') ? text : text + ".";
}
