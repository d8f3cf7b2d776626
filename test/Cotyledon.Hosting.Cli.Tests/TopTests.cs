using System.Text.Json;
using Cotyledon.Hosting.Cli.Client;
using Cotyledon.Hosting.Cli.Output;
using Cotyledon.Hosting.Cli.Top;

namespace Cotyledon.Hosting.Cli.Tests;

/// <summary>The screen of <c>top</c>, and what keys do to it.</summary>
internal sealed class TopTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 4, 33, TimeSpan.Zero);

    private readonly TopView _view = new(new Clock(TimeProvider.System), Style.None, "Telemetry  pid 4711");

    private TopState _state = new()
    {
        Status = JsonSerializer.Deserialize(Samples.Status, WireJson.Default.StatusRecord),
        AnsweredAt = Now,
    };

    [Test]
    public void Lines_fit_into_the_screen([Values(1, 2, 10, 40, 80, 200)] int width, [Values(1, 2, 3, 5, 24)] int height)
    {
        var lines = Render(width, height);
        Assert.That(lines, Has.Count.LessThanOrEqualTo(height));
        Assert.That(lines.Select(TextWidth.Of), Is.All.LessThanOrEqualTo(width));
    }

    [TestCase('c', "mailer")]
    [TestCase('m', "mailer")]
    [TestCase('r', "polling   1")]
    [TestCase('u', "polling   0")]
    [TestCase('s', "polling   0")]
    public void Keys_sort(char key, string first)
    {
        Press(key);
        Assert.That(Render()[3], Does.StartWith(first));
    }

    [Test]
    public void A_filter_is_typed_kept_and_removed()
    {
        Press('/', 'm', 'a', 'q', ConsoleKey.Backspace);
        Assert.That(Render()[1], Does.Contain("filter: ma_"));
        Press(ConsoleKey.Enter);
        Assert.That(Rows(), Has.Length.EqualTo(1).And.All.StartsWith("mailer"));
        Press(ConsoleKey.Escape);
        Assert.That(Rows(), Has.Length.EqualTo(4));
        Press('/', 'b', 'a', 'c', 'k', 'i', ConsoleKey.Enter);
        Assert.That(Rows(), Has.Length.EqualTo(1).And.All.StartsWith("polling  1"));
    }

    [Test]
    public void Rows_scroll_and_stop_at_the_end()
    {
        Assert.That(Render(height: 6)[1], Does.Contain("rows 1-1 of 4"));
        Press(ConsoleKey.DownArrow, ConsoleKey.PageDown);
        Assert.That(Render(height: 6)[1], Does.Contain("of 4"));
        Press(ConsoleKey.PageDown, ConsoleKey.PageDown, ConsoleKey.PageDown);
        Assert.That(Render(height: 6)[1], Does.Contain("rows 4-4 of 4"));
        Press(ConsoleKey.Home, ConsoleKey.UpArrow);
        Assert.That(Render(height: 6)[1], Does.Contain("rows 1-1 of 4"));
    }

    [TestCase("", "rows 31-50 of 50", "rows 30-49 of 50")]
    [TestCase("first", "rows 21-40 of 40", "rows 20-39 of 40")]
    public void A_key_scrolls_up_at_once_although_the_end_was_reached_before(string filter, string end, string above)
    {
        var status = $$"""{"services":[{"name":"first","workers":[{{Workers(40)}}]},{"name":"second","workers":[{{Workers(10)}}]}]}""";
        _state = new TopState { Status = JsonSerializer.Deserialize(status, WireJson.Default.StatusRecord), AnsweredAt = Now, Filter = filter };
        for (var i = 0; i < 3; i++)
        {
            _ = PositionAfter(ConsoleKey.PageDown);
        }

        Assert.That(PositionAfter(ConsoleKey.DownArrow), Does.EndWith(end));
        Assert.That(PositionAfter(ConsoleKey.UpArrow), Does.EndWith(above));

        string PositionAfter(ConsoleKey key)
        {
            _state = _state.After(new ConsoleKeyInfo('\0', key, false, false, false), TopView.RowsIn(24));
            return Render()[1];
        }
    }

    [Test]
    public void Q_quits_and_is_a_letter_in_the_filter()
    {
        Press('/', 'q');
        Assert.That(_state.HasQuit, Is.False);
        Press(ConsoleKey.Enter, 'q');
        Assert.That(_state.HasQuit);
    }

    [Test]
    public void A_late_answer_is_shown()
    {
        Assert.That(_view.Render(_state, Now.AddSeconds(4), 200, 24).Lines[0], Does.Not.Contain("NO ANSWER"));
        Assert.That(_view.Render(_state, Now.AddSeconds(9), 200, 24).Lines[0], Does.EndWith("NO ANSWER FOR 9s"));
        Assert.That(_view.Render(new TopState(), Now, 200, 24).Lines[0], Does.Contain("no answer yet"));
    }

    private string[] Rows() => [.. Render().Skip(3).TakeWhile(line => !line.StartsWith("outdated", StringComparison.Ordinal) && !line.StartsWith("q quit", StringComparison.Ordinal))];

    private static string Workers(int count) => string.Join(',', Enumerable.Range(0, count).Select(id => $"{{\"id\":{id}}}"));

    private IReadOnlyList<string> Render(int width = 200, int height = 24)
    {
        var (lines, offset) = _view.Render(_state, Now, width, height);
        _state = _state with { Offset = offset };
        return lines;
    }

    private void Press(params object[] keys)
    {
        foreach (var key in keys)
        {
            var info = key is char character ? new ConsoleKeyInfo(character, default, false, false, false) : new ConsoleKeyInfo('\0', (ConsoleKey)key, false, false, false);
            _state = _state.After(info, 2);
        }
    }
}
