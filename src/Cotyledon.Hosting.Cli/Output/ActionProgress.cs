using System.Globalization;

namespace Cotyledon.Hosting.Cli.Output;

/// <summary>Progress of an action: a bar below the lines in a terminal, only lines otherwise, and nothing with <c>--json</c>.</summary>
internal sealed class ActionProgress(Terminal terminal, bool silent)
{
    private const int Width = 20;

    private readonly bool _hasBar = terminal.IsOutputTerminal && !silent;
    private string _bar = "";

    /// <summary>Writes a line, and the new state.</summary>
    public void Step(string line, int done, int total) => Write([line], done, total, "");

    /// <summary>Shows how many workers are ready.</summary>
    public void Ready(string service, int ready, int target)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{service}: {ready}/{target} ready");
        Write(_hasBar ? [] : [text], ready, target, text);
    }

    /// <summary>Removes the bar.</summary>
    public void Clear()
    {
        if (_bar.Length > 0)
        {
            _bar = "";
            terminal.Output.Write("\r\e[K");
            terminal.Output.Flush();
        }
    }

    private void Write(string[] lines, int done, int total, string label)
    {
        if (silent)
        {
            return;
        }

        Clear();
        terminal.WriteLines(lines);
        if (_hasBar && total > 0)
        {
            var filled = (int)(Math.Clamp((double)done / total, 0, 1) * Width);
            var counts = label.Length > 0 ? label : string.Create(CultureInfo.InvariantCulture, $"{done}/{total}");
            _bar = $"[{new string('#', filled)}{new string('.', Width - filled)}] {counts}";
            terminal.Output.Write(_bar);
            terminal.Output.Flush();
        }
    }
}
