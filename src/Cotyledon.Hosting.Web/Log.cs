using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Web;

/// <summary>The log messages of this package.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error,
        "No worker could take connections to {Address} for {Time}. New and waiting connections are closed until a worker is ready.", EventName = "Refusing")]
    public static partial void Refusing(ILogger logger, string address, TimeSpan time);

    [LoggerMessage(2, LogLevel.Error,
        "New connections to {Address} cannot be accepted: {Error}. They wait until the next attempt succeeds. If the process has too many open files, raise "
        + "LimitNOFILE of the service, or ulimit -n.",
        EventName = "AcceptFailed")]
    public static partial void AcceptFailed(ILogger logger, string address, string error);

    [LoggerMessage(3, LogLevel.Error,
        "Web worker {WorkerId} sent invalid data and gets no further connections: {Error}", EventName = "BadFrame")]
    public static partial void BadFrame(ILogger logger, int workerId, string error);

    [LoggerMessage(4, LogLevel.Error,
        "The master sent invalid data; the worker stops: {Error}", EventName = "BadMasterFrame")]
    public static partial void BadMasterFrame(ILogger logger, string error);

    [LoggerMessage(5, LogLevel.Information,
        "Each of the {Workers} worker processes has its own {Parts}. See the README of Cotyledon.Hosting.Web.", EventName = "PerProcess")]
    public static partial void PerProcess(ILogger logger, int workers, string parts);

    [LoggerMessage(7, LogLevel.Warning,
        "The master has not bound the endpoint {Endpoint}, so this worker gets no connections for it. See the log of the master for the reason. If it shows none, "
        + "Program.cs configures other endpoints in workers than in the master; configure the same ones.",
        EventName = "UnknownEndpoint")]
    public static partial void UnknownEndpoint(ILogger logger, string endpoint);

    [LoggerMessage(8, LogLevel.Critical, "An error occurred in the thread that passes connections to workers. The thread continues.", EventName = "DispatcherFailed")]
    public static partial void DispatcherFailed(ILogger logger, Exception exception);

    [LoggerMessage(6, LogLevel.Error, "This worker could not take a connection: {Error}", EventName = "ConnectionNotTaken")]
    public static partial void ConnectionNotTaken(ILogger logger, string error);
}
