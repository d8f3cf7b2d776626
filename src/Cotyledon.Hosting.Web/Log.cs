using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Web;

/// <summary>The log messages of this package.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error,
        "No worker could take the connections of {Address} for {Time}. They are closed until a worker is ready.", EventName = "Refusing")]
    public static partial void Refusing(ILogger logger, string address, TimeSpan time);

    [LoggerMessage(2, LogLevel.Error,
        "No connection of {Address} can be accepted: {Error}. Connections wait until it is possible. If the process has too many open files, raise "
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
        "The master has not bound the endpoint {Endpoint}, so this worker gets no connections for it. The log of the master may say why. Otherwise "
        + "Program.cs names other endpoints in workers.",
        EventName = "UnknownEndpoint")]
    public static partial void UnknownEndpoint(ILogger logger, string endpoint);

    [LoggerMessage(8, LogLevel.Critical, "The thread that passes connections failed and continues.", EventName = "DispatcherFailed")]
    public static partial void DispatcherFailed(ILogger logger, Exception exception);

    [LoggerMessage(6, LogLevel.Error, "A worker could not take a connection: {Error}", EventName = "ConnectionNotTaken")]
    public static partial void ConnectionNotTaken(ILogger logger, string error);
}
