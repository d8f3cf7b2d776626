using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Channels;

namespace Cotyledon.Hosting.Cli.Top;

/// <summary>The alternate screen of the terminal. Disposing it restores the terminal.</summary>
internal sealed class Screen : IDisposable
{
    private const string Enter = "\e[?1049h\e[?25l";
    private const string Leave = "\e[?25h\e[?1049l";

    private readonly TextWriter _output;
    private readonly PosixSignalRegistration? _resize;
    private readonly PosixSignalRegistration? _continue;

    public Screen(TextWriter output, ChannelWriter<TopInput> inputs)
    {
        _output = output;
        Console.TreatControlCAsInput = false;
        if (!OperatingSystem.IsWindows())
        {
            _resize = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => inputs.TryWrite(new TopInput.Resized()));
            _continue = PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => OnContinued(inputs));
        }

        Write(Enter);

        // A background thread: it does not keep the process alive while it waits.
        new Thread(() => ReadKeys(inputs)) { IsBackground = true, Name = "keys" }.Start();
    }

    public static int Width => Size(Console.WindowWidth, unknown: 80);

    public static int Height => Size(Console.WindowHeight, unknown: 24);

    /// <summary>Writes all lines at once, each over the previous one, so that nothing flickers.</summary>
    public void Draw(IReadOnlyList<string> lines)
    {
        var text = new StringBuilder("\e[H");
        for (var i = 0; i < lines.Count; i++)
        {
            text.Append(lines[i]).Append("\e[K").Append(i < lines.Count - 1 ? "\r\n" : "");
        }

        Write(text.Append("\e[J").ToString());
    }

    public void Dispose()
    {
        _resize?.Dispose();
        _continue?.Dispose();
        Write(Leave);
    }

    /// <summary>A serial line, and a terminal in a container before its first resize, have the size 0.</summary>
    private static int Size(int reported, int unknown) => reported > 0 ? Math.Min(reported, 1000) : unknown;

    private static void ReadKeys(ChannelWriter<TopInput> inputs)
    {
        TopInput input;
        do
        {
            // Pasted text can fill the channel. Then the thread waits until the screen has been drawn.
            input = ReadKey();
            inputs.WriteAsync(input).AsTask().Wait();
        }
        while (input is TopInput.KeyPressed);
    }

    private static TopInput ReadKey()
    {
        try
        {
            return new TopInput.KeyPressed(Console.ReadKey(intercept: true));
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            return new TopInput.Failed(e);
        }
    }

    /// <summary>After SIGSTOP, the shell has used the normal screen.</summary>
    private void OnContinued(ChannelWriter<TopInput> inputs)
    {
        Write(Enter);
        inputs.TryWrite(new TopInput.Resized());
    }

    private void Write(string text)
    {
        lock (_output)
        {
            _output.Write(text);
            _output.Flush();
        }
    }
}
