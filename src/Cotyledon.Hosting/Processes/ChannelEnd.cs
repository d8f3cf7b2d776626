namespace Cotyledon.Hosting.Processes;

/// <summary>The worker's end of the channel, for the one thread that listens to it and for all that speak.</summary>
internal abstract class ChannelEnd
{
    /// <summary>Opens what the master named.</summary>
    /// <param name="name">The value of the environment variable: a descriptor, or on Windows the name of a pipe.</param>
    /// <exception cref="InvalidOperationException">There is no such channel.</exception>
    public static ChannelEnd Open(string name) =>
        OperatingSystem.IsWindows() ? new PipeChannelEnd(name) : new SocketChannelEnd(name);

    /// <summary>Opens a stream that the master named beside the channel.</summary>
    /// <exception cref="InvalidOperationException">There is no such stream.</exception>
    public static Stream OpenStream(string name) =>
        OperatingSystem.IsWindows() ? PipeChannelEnd.Connect(name) : SocketChannelEnd.ToStream(name);

    /// <summary>What this worker starts itself must not keep a stream open that only this worker is to have.</summary>
    public static void KeepFromPrograms(string name)
    {
        if (!OperatingSystem.IsWindows())
        {
            Libc.SetCloseOnExec(SocketChannelEnd.Parse(name));
        }
    }

    /// <summary>Waits for bytes. Called by one thread only.</summary>
    /// <param name="buffer">Where they go.</param>
    /// <param name="timeout">How long to wait; <see langword="null"/> for ever.</param>
    /// <returns>
    /// The number of bytes; 0 once when the master has closed its end, after which only time and <see cref="Interrupt"/> end a
    /// call; -1 when the time has passed or somebody interrupted.
    /// </returns>
    public abstract int Read(Span<byte> buffer, TimeSpan? timeout);

    /// <summary>Makes the thread in <see cref="Read"/> look at the clock again.</summary>
    public abstract void Interrupt();

    /// <summary>
    /// Whether the master has not read for so long that a frame which only repeats itself, such as a heartbeat, must not take the place
    /// of one that does not.
    /// </summary>
    public virtual bool IsCongested => false;

    /// <summary>Writes a whole frame or nothing. A master that is gone, or does not read, is no error here.</summary>
    public abstract void Write(ReadOnlySpan<byte> frame);
}
