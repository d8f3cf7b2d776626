using System.Globalization;
using System.Net.Sockets;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Shared;
using Cotyledon.Hosting.Web.Passing;

namespace Cotyledon.Hosting.Web.Serving;

/// <summary>Reads the first message of the master, before the program builds its host.</summary>
internal static class WorkerSetup
{
    private const string ProcessVariable = "LISTEN_PID";
    private const string CountVariable = "LISTEN_FDS";

    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(10);
    private static readonly Lazy<NetworkStream> LazyLink = new(Read);

    /// <summary>The side channel to the master. The first access reads the setup from it.</summary>
    /// <exception cref="IOException">The master has exited or does not send.</exception>
    public static NetworkStream Link => LazyLink.Value;

    /// <summary>Removes the variables that tell the server which descriptors systemd has passed, when the server has asked for them.</summary>
    public static void ForgetListenDescriptors()
    {
        Environment.SetEnvironmentVariable(ProcessVariable, null);
        Environment.SetEnvironmentVariable(CountVariable, null);
    }

    /// <summary>
    /// Opens the side channel. If systemd has passed listening descriptors to the master, sets the variables of systemd for this process, so that
    /// its server asks for the same endpoints (sd_listen_fds(3)). Those of the master name another process id, and are not inherited.
    /// </summary>
    private static NetworkStream Read()
    {
        var stream = (NetworkStream)WorkerProcess.OpenSideChannel(MasterListenerFactory.ChannelName);
        var frame = new byte[WebFrame.Setup(0).Length];
        stream.ReadTimeout = (int)ReadTimeout.TotalMilliseconds;
        stream.ReadExactly(frame);
        stream.ReadTimeout = Timeout.Infinite;
        var count = new FieldReader(frame.AsSpan(FrameSplitter.HeaderSize)).Int32();
        if (count > 0)
        {
            Environment.SetEnvironmentVariable(ProcessVariable, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            Environment.SetEnvironmentVariable(CountVariable, count.ToString(CultureInfo.InvariantCulture));
        }

        return stream;
    }
}
