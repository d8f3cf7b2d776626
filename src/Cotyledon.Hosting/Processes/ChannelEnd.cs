namespace Cotyledon.Hosting.Processes;

/// <summary>The worker's end of the channel. One thread reads from it; any thread can write to it.</summary>
internal abstract class ChannelEnd
{
    /// <summary>Opens the channel.</summary>
    /// <param name="name">The first name in the environment variable: a descriptor, or on Windows a handle.</param>
    /// <exception cref="InvalidOperationException">There is no such channel.</exception>
    public static ChannelEnd Open(string name) =>
        OperatingSystem.IsWindows() ? new PipeChannelEnd(name) : new SocketChannelEnd(name);

    /// <summary>Opens a side channel.</summary>
    /// <exception cref="InvalidOperationException">There is no such side channel.</exception>
    public static Stream OpenStream(string name) =>
        OperatingSystem.IsWindows() ? PipeChannelEnd.ToStream(name) : SocketChannelEnd.ToStream(name);

    /// <summary>Closes a side channel in programs that this worker starts, because they must not keep it open.</summary>
    public static void KeepFromPrograms(string name)
    {
        if (OperatingSystem.IsWindows())
        {
            PipeChannelEnd.KeepFromPrograms(name);
        }
        else
        {
            Libc.SetCloseOnExec(SocketChannelEnd.Parse(name));
        }
    }

    /// <summary>Waits for bytes. Called by one thread only.</summary>
    /// <param name="buffer">The buffer for the bytes.</param>
    /// <param name="timeout">The longest time to wait; <see langword="null"/> for no limit.</param>
    /// <returns>
    /// The number of bytes; 0 once, when the master has closed its end or has exited, or when the channel has failed; -1 after the timeout or an <see cref="Interrupt"/>, which alone end
    /// later calls.
    /// </returns>
    public abstract int Read(Span<byte> buffer, TimeSpan? timeout);

    /// <summary>Makes <see cref="Read"/> return, so that its caller can calculate a new timeout.</summary>
    public abstract void Interrupt();

    /// <summary>
    /// Whether so much data is unread by the master that frames which can be repeated, such as heartbeats, must be left out to keep room
    /// for other frames.
    /// </summary>
    public virtual bool IsCongested => false;

    /// <summary>Writes a whole frame. Drops it without an error if the master has exited or does not read.</summary>
    public abstract void Write(ReadOnlySpan<byte> frame);
}
