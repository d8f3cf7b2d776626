using System.Net.Sockets;
using Cotyledon.Hosting.Tests.Control;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Starts programs with one worker, and connects to their control endpoint.</summary>
internal static class ControlProgram
{
    public static string[] OneWorker { get; } = ["--Heavy", "1", "--Light", "-1"];

    public static TestProgram Start(params string[] arguments) => TestProgram.Start([.. OneWorker, .. arguments]);

    public static string FileName(TestProgram app) => $"Cotyledon.Hosting.TestApp.{app.ProcessId}.sock";

    public static string[] Sockets(TestProgram app) => Directory.GetFiles(app.Directory, "*.sock");

    /// <summary>Waits for the socket of a program, and returns a client that has read the greeting.</summary>
    public static async Task<ControlClient> ConnectAsync(TestProgram app, string? directory = null)
    {
        var path = Path.Combine(directory ?? app.Directory, FileName(app));
        ControlClient? client = null;
        await app.UntilAsync(() => (client = TryConnect(path, app.ProcessId)) is not null, "the greeting");
        return client!;
    }

    public static ControlClient? TryConnect(string path, int processId)
    {
        try
        {
            var client = new ControlClient(path);
            if (client.ReadLine()?.Contains($"\"pid\":{processId},", StringComparison.Ordinal) == true)
            {
                return client;
            }

            // Refused: the connections before are not closed yet.
            client.Dispose();
        }
        catch (SocketException)
        {
            // The socket is not there yet.
        }

        return null;
    }
}
