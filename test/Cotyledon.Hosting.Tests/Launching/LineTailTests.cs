using System.Text;
using Cotyledon.Hosting.Launching;

namespace Cotyledon.Hosting.Tests.Launching;

internal sealed class LineTailTests
{
    private readonly LineTail _tail = new();

    [TestCase("", new string[0])]
    [TestCase("one\n", new[] { "one" })]
    [TestCase("one\ntwo", new[] { "one", "two" }, Description = "no final newline")]
    [TestCase("one\r\ntwo\r\n", new[] { "one", "two" })]
    [TestCase("one\n\ntwo\n", new[] { "one", "", "two" })]
    [TestCase("größer ✓ 🎉\n", new[] { "größer ✓ 🎉" })]
    public void Lines_are_returned_as_they_were_written(string text, string[] expected)
    {
        Append(text);

        Assert.That(_tail.ToLines(), Is.EqualTo(expected));
    }

    [Test]
    public void A_line_may_arrive_in_pieces_that_split_a_character()
    {
        foreach (var piece in Encoding.UTF8.GetBytes("größer ✓ 🎉\nnext"))
        {
            _tail.Append([piece]);
        }

        Assert.That(_tail.ToLines(), Is.EqualTo(new[] { "größer ✓ 🎉", "next" }));
    }

    [Test]
    public void Only_the_last_lines_are_kept()
    {
        Append(string.Concat(Enumerable.Range(1, 100).Select(i => $"line {i}\n")));

        Assert.That(_tail.ToLines(), Is.EqualTo(Enumerable.Range(81, LineTail.MaxLines).Select(i => $"line {i}")));
    }

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(4096)]
    [TestCase(5000)]
    [TestCase(1_000_000)]
    public void As_many_long_lines_as_fit_are_kept_completely_for_any_piece_size(int pieceSize)
    {
        // 5 lines of 1,000 bytes: the last 4 and a piece of the first fit into 4 KiB.
        var lines = new[] { '1', '2', '3', '4', '5' }.Select(c => new string(c, 999) + "\n");
        var bytes = Encoding.UTF8.GetBytes(new string('x', 20_000) + "\n" + string.Concat(lines));

        foreach (var piece in bytes.Chunk(pieceSize))
        {
            _tail.Append(piece);
        }

        Assert.That(
            _tail.ToLines().Select(l => (l[0], l.Length)),
            Is.EqualTo(new[] { ('2', 999), ('3', 999), ('4', 999), ('5', 999) }));
    }

    [Test]
    public void The_end_of_one_very_long_line_is_kept()
    {
        Append(new string('x', 10_000) + "end");

        Assert.That(_tail.ToLines().Single(), Has.Length.EqualTo(LineTail.MaxBytes).And.EndsWith("xend"));
    }

    [Test]
    public void Text_that_fits_exactly_is_kept_completely()
    {
        Append("first\n" + new string('x', LineTail.MaxBytes - 6));

        Assert.That(_tail.ToLines()[0], Is.EqualTo("first"));
    }

    [Test]
    public void Repeated_reads_return_the_same_lines()
    {
        Append("one\ntwo\n");

        Assert.That(_tail.ToLines(), Is.EqualTo(_tail.ToLines().ToList()));
    }

    [TestCase(1)]
    [TestCase(1000)]
    public void The_first_lines_of_an_unhandled_exception_are_kept_before_the_end_of_its_stack_trace(int lines)
    {
        Append("before\nUnhandled exception. System.Exception: one\n ---> System.Exception: two\n"
            + string.Concat(Enumerable.Repeat("   at some method of a long name\n", lines)));

        var kept = _tail.ToLines();

        Assert.That(kept, Has.Count.LessThanOrEqualTo(LineTail.MaxLines));
        Assert.That(kept.SkipWhile(l => l == "before").Take(2), Is.EqualTo(new[] { "Unhandled exception. System.Exception: one", " ---> System.Exception: two" }));
        Assert.That(kept[^1], Does.StartWith("   at"));
    }

    private void Append(string text) => _tail.Append(Encoding.UTF8.GetBytes(text));
}
