namespace Cotyledon.Hosting.Web.Passing;

/// <summary>The kinds of frames between the master and a worker. The numbers are the format.</summary>
internal enum WebFrameKind : byte
{
    /// <summary>From the master, first: the number of listening descriptors that the service manager has passed.</summary>
    Setup = 0,

    /// <summary>From the master: an endpoint was bound, or could not be bound. Id, key, address.</summary>
    Endpoint = 1,

    /// <summary>From the master, with a descriptor: a connection. The id of its endpoint, its number.</summary>
    Connection = 2,

    /// <summary>From the master: asks for the number of requests. No fields.</summary>
    Count = 3,

    /// <summary>From a worker: its server listens on an endpoint. Id.</summary>
    Bound = 16,

    /// <summary>From a worker: it is ready. Worker id.</summary>
    Serving = 17,

    /// <summary>From a worker: its server has taken a connection. Number.</summary>
    Accepted = 18,

    /// <summary>From a worker: it cannot take a connection, and has not read from it. Number.</summary>
    Returned = 19,

    /// <summary>From a worker: connections that it had accepted were closed. Count.</summary>
    Closed = 20,

    /// <summary>
    /// From a worker: it stops. Whether the master has to end its direction at once. Otherwise the worker takes connections until another
    /// worker can.
    /// </summary>
    Leaving = 21,

    /// <summary>From a worker, the answer to <see cref="Count"/>: the number of requests that it has received. Number.</summary>
    Counted = 22,
}
