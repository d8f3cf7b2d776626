using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>Says what is wrong with a server: which server, what happened, and what to do.</summary>
/// <param name="queue">The queue.</param>
/// <param name="servers">The addresses without names and passwords.</param>
internal sealed class NatsProblem(string queue, string servers)
{
    private const int NotEnabledForAccount = 10039;
    private const int NotEnabled = 10076;

    /// <param name="exception">What a call has thrown.</param>
    /// <param name="serverError">The last error that the server has sent on its own, or <see langword="null"/>.</param>
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

        // The message of a failed connection has the whole address.
        var text = exception switch
        {
            NatsException { InnerException: null } when IsFailedConnection(exception) =>
                "no connection is possible. Check that a NATS server is running there and can be reached",
            NatsException { InnerException: { } inner } when IsFailedConnection(exception) => inner.Message,
            _ => exception.Message,
        };
        return $"{servers}: {Sentence(text)}{(serverError is null ? "" : $" The server sent: {Sentence(serverError)}")}";
    }

    /// <param name="error">The error as the server has sent it.</param>
    /// <returns><see langword="null"/> where it has nothing to do with the login.</returns>
    public string? DescribeLogin(string error) => new NatsServerException(error).IsAuthError ? LoginRefused(error) : null;

    private string LoginRefused(string error) =>
        $"{servers} refused the login ({error.Trim('\'').ToLowerInvariant()}). Check the user and password or the token in "
        + $"Cotyledon:Queues:{queue}:Url and the authorization of the server.";

    private string JetStreamMissing() =>
        $"{servers} answers, but JetStream does not. Unless a cluster is just starting, it is not enabled: start nats-server with -js or "
        + "with a jetstream block in its configuration, and enable JetStream for the account where accounts are used.";

    private static bool IsFailedConnection(Exception exception) =>
        exception.Message.StartsWith("can not connect uris", StringComparison.Ordinal)
        || exception.Message.StartsWith("can not start to connect", StringComparison.Ordinal);

    private static string Sentence(string text) => text.EndsWith('.') ? text : text + ".";
}
