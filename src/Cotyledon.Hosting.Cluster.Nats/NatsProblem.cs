using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Cotyledon.Hosting.Cluster.Nats;

/// <summary>Describes errors of NATS: what has happened and what to do, without addresses that have passwords.</summary>
internal static class NatsProblem
{
    private const int NotFound = 404;
    private const int NotEnabledForAccount = 10039;
    private const int NotEnabled = 10076;

    public static string Describe(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case NatsServerException { IsAuthError: true } refused:
                    return $"the login was refused ({refused.Error.Trim('\'').ToLowerInvariant()}). Check the user and the password or the token in "
                        + $"{NatsOptionsSetup.UrlKey}.";
                case NatsNoRespondersException:
                case NatsJSApiException { Error.ErrCode: NotEnabled or NotEnabledForAccount }:
                    return "JetStream does not answer. If the servers are not just starting, enable JetStream: nats-server -js.";
                case NatsJSApiException { Error.Code: NotFound }:
                    return $"the stream {NatsSubjects.Stream} was deleted. Stop all programs of the cluster, and start them again. Incarnations will begin "
                        + "at 1.";
                case OperationCanceledException or TimeoutException or NatsTimeoutException:
                    return "it did not answer in time.";
            }
        }

        return exception.Message.StartsWith("can not", StringComparison.Ordinal)
            ? $"no connection is possible{(exception.InnerException is { } inner ? $": {inner.Message}" : "")}." // Its own message has the whole address.
            : exception.Message;
    }
}
