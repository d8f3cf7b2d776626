using Cotyledon.Hosting.Queues.Extensibility;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>Creates the stores of provider <c>Nats</c>. A store connects when it is opened.</summary>
internal sealed class NatsStoreFactory(TimeProvider clock, ILoggerFactory loggers) : IQueueStoreFactory
{
    public string Provider => "Nats";

    public string? Check(string queue, CotyledonQueueOptions options) =>
        string.IsNullOrWhiteSpace(options.Url)
            ? $"{nameof(options.Url)} is missing. Set it to the address of a NATS server, such as nats://127.0.0.1:4222; separate several "
                + "with commas."
            : NatsServers.Unreadable(options.Url) is { } part
                ? $"{nameof(options.Url)}: '{part}' is not a valid address of a NATS server, such as nats://127.0.0.1:4222."
                : new NatsNames(queue).DeadStream.Length is > NatsNames.MaxLength and var length
                    ? $"The name of the queue is too long: the name of a stream would have {length} characters, and NATS allows "
                        + $"{NatsNames.MaxLength}. Characters other than ASCII letters, digits, '-' and '_' count three times for each byte in UTF-8."
                    : null;

    public IQueueStore Create(string queue, CotyledonQueueOptions options) =>
        new NatsStore(queue, options, NatsStore.DefaultAckWait, clock, GuardedLogger.Create(loggers, "Cotyledon.Hosting.Queues.Nats"));
}
