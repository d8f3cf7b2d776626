namespace Cotyledon.Hosting.Queues;

/// <summary>A queue could not do what it was asked for: its file cannot be written, its master is gone.</summary>
public sealed class QueueException : Exception
{
    /// <summary>Makes one.</summary>
    public QueueException()
    {
    }

    /// <summary>Makes one with a message.</summary>
    /// <param name="message">Which queue, what happened, what to do.</param>
    public QueueException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with its cause.</summary>
    /// <param name="message">Which queue, what happened, what to do.</param>
    /// <param name="innerException">The cause.</param>
    public QueueException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
