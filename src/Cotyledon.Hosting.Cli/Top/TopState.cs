using System.Globalization;
using Cotyledon.Hosting.Cli.Client;

namespace Cotyledon.Hosting.Cli.Top;

/// <summary>The content of the screen of <c>top</c>: the last answer, the order and the filter. Keys change it.</summary>
internal sealed record TopState
{
    private const int MaxFilter = 100;

    public StatusRecord? Status { get; init; }

    public DateTimeOffset AnsweredAt { get; init; }

    public TopSort Sort { get; init; }

    public string Filter { get; init; } = "";

    /// <summary>Whether typed characters belong to the filter.</summary>
    public bool EditsFilter { get; init; }

    /// <summary>The first row to show. Keys can set it too high; <see cref="TopView"/> returns the row that it has shown.</summary>
    public int Offset { get; init; }

    public bool HasQuit { get; init; }

    /// <summary>Returns the state after a key. A page has <paramref name="page"/> rows.</summary>
    public TopState After(ConsoleKeyInfo key, int page) => EditsFilter ? AfterFilterKey(key) : AfterCommandKey(key, page);

    private TopState AfterFilterKey(ConsoleKeyInfo key) => key switch
    {
        { Key: ConsoleKey.Enter } => this with { EditsFilter = false },
        { Key: ConsoleKey.Escape } => this with { EditsFilter = false, Filter = "", Offset = 0 },
        { Key: ConsoleKey.Backspace } => this with { Filter = WithoutLast(Filter), Offset = 0 },
        _ when char.IsControl(key.KeyChar) || Filter.Length >= MaxFilter => this,
        _ => this with { Filter = Filter + key.KeyChar, Offset = 0 },
    };

    private TopState AfterCommandKey(ConsoleKeyInfo key, int page) => key switch
    {
        { Key: ConsoleKey.DownArrow } => this with { Offset = Offset + 1 },
        { Key: ConsoleKey.UpArrow } => this with { Offset = Math.Max(0, Offset - 1) },
        { Key: ConsoleKey.PageDown } => this with { Offset = Offset + page },
        { Key: ConsoleKey.PageUp } => this with { Offset = Math.Max(0, Offset - page) },
        { Key: ConsoleKey.Home } => this with { Offset = 0 },
        { Key: ConsoleKey.Escape } => this with { Filter = "", Offset = 0 },
        { KeyChar: 'q' or 'Q' } => this with { HasQuit = true },
        { KeyChar: '/' } => this with { EditsFilter = true },
        { KeyChar: 's' } => this with { Sort = TopSort.Service, Offset = 0 },
        { KeyChar: 'c' } => this with { Sort = TopSort.Cpu, Offset = 0 },
        { KeyChar: 'm' } => this with { Sort = TopSort.Memory, Offset = 0 },
        { KeyChar: 'r' } => this with { Sort = TopSort.Restarts, Offset = 0 },
        { KeyChar: 'u' } => this with { Sort = TopSort.Up, Offset = 0 },
        _ => this,
    };

    private static string WithoutLast(string text)
    {
        var elements = StringInfo.ParseCombiningCharacters(text);
        return elements.Length == 0 ? "" : text[..elements[^1]];
    }
}
