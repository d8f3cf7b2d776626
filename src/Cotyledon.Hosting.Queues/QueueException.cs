namespace Cotyledon.Hosting.Queues;

/// <summary>
/// The exception that is thrown when a queue cannot carry out an operation, for example because its file cannot be written or the master
/// has exited.
/// </summary>
public sealed class QueueException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="QueueException"/> class.</summary>
    public QueueException()
    {
    }

    /// <summary>Initializes a new instance of the <see cref="QueueException"/> class with a message.</summary>
    /// <param name="message">The message: the queue, the problem, and the remedy.</param>
    public QueueException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes a new instance of the <see cref="QueueException"/> class with a message and its cause.</summary>
    /// <param name="message">The message: the queue, the problem, and the remedy.</param>
    /// <param name="innerException">The cause.</param>
    public QueueException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
