using System.Text;
using Cotyledon.Hosting.Cli.Client;
using Cotyledon.Hosting.Cli.Output;

namespace Cotyledon.Hosting.Cli.Tests;

/// <summary>Text for a terminal: escapes, widths, tables and durations.</summary>
internal sealed class TextTests
{
    [TestCase("plain ünïcode 日本 😀", "plain ünïcode 日本 😀")]
    [TestCase("\e[31mred", "\\x1b[31mred")]
    [TestCase("\e]52;c;AAAA\a", "\\x1b]52;c;AAAA\\x07")]
    [TestCase("a\r\nb\tc\u007f\0", "a\\r\\nb\\tc\\x7f\\x00")]
    [TestCase("\u009b31m \u0085", "\\x9b31m \\x85")]
    [TestCase("\u202eabc\u202c \u2066x\u2069 \u200e\u200b\ufeff\u2028", "\\u202eabc\\u202c \\u2066x\\u2069 \\u200e\\u200b\\ufeff\\u2028")]
    [TestCase("\U000E0041 \U000F0000", "\\U000e0041 \\U000f0000")]
    [TestCase("C:\\new", "C:\\new")]
    public void Text_of_a_program_cannot_control_a_terminal(string text, string escaped) => Assert.That(SafeText.Escape(text), Is.EqualTo(escaped));

    [Test]
    public void Long_text_is_cut_and_half_a_character_is_replaced()
    {
        Assert.That(SafeText.Escape(new string('\ud800', 1)), Is.EqualTo("\ufffd"));
        Assert.That(SafeText.Escape(new string('x', 100_000)), Has.Length.LessThan(9_000).And.EndsWith("xxx..."));
        Assert.That(SafeText.Escape(new string('\e', 100_000)), Has.Length.LessThan(40_000));
        Assert.That(SafeText.Cut("日本日本日本", 9), Is.EqualTo("日本日..."));
        Assert.That(SafeText.Cut("abcdef", 6), Is.EqualTo("abcdef"));
        Assert.That(SafeText.Cut("abcdef", 2), Is.Empty);
    }

    [Test]
    public void Columns_are_aligned_whatever_they_contain()
    {
        var table = new Table("A", "LONG NAME", "C");
        table.Add("日本", "e\u0301", "end");
        table.Add("x", 12345678901, "end");
        Assert.That(table.Lines(Style.None), Is.EqualTo((string[])["A     LONG NAME    C", "日本  e\u0301            end", "x     12345678901  end"]));
    }

    [TestCase(0, "0s")]
    [TestCase(-5, "0s")]
    [TestCase(59.9, "59s")]
    [TestCase(60, "1m")]
    [TestCase(312, "5m12s")]
    [TestCase(3600, "1h")]
    [TestCase(15000, "4h10m")]
    [TestCase(86400, "1d")]
    [TestCase(273600, "3d4h")]
    public void Ages_have_two_units(double seconds, string text) => Assert.That(Durations.Age(TimeSpan.FromSeconds(seconds)), Is.EqualTo(text));

    [TestCase(0, "0ms")]
    [TestCase(96, "96ms")]
    [TestCase(999.4, "999ms")]
    [TestCase(999.6, "1s")]
    [TestCase(2345, "2.3s")]
    [TestCase(61000, "1m1s")]
    [TestCase(-1, "0ms")]
    [TestCase(double.NaN, "0ms")]
    [TestCase(double.MaxValue, "1000000d")]
    public void Short_durations_are_exact(double milliseconds, string text) => Assert.That(Durations.Exact(milliseconds), Is.EqualTo(text));

    [TestCase(-1, "0")]
    [TestCase(1023, "1023")]
    [TestCase(3460300, "3.3M")]
    [TestCase(long.MaxValue, "8589934592G")]
    public void Sizes_are_binary(long bytes, string text) => Assert.That(Durations.Size(bytes), Is.EqualTo(text));

    [Test]
    public async Task Lines_are_read_across_reads_and_limited()
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes("one\n\n" + new string('x', 20_000) + "\ncut off"));
        var reader = new LineReader(stream, 100_000);
        Assert.That(await LengthAsync(reader), Is.EqualTo(3));
        Assert.That(await LengthAsync(reader), Is.Zero);
        Assert.That(await LengthAsync(reader), Is.EqualTo(20_000));
        Assert.That(await LengthAsync(reader), Is.Null);

        using var endless = new MemoryStream(new byte[1_000_000]);
        Assert.That(async () => await LengthAsync(new LineReader(endless, 100_000)), Throws.TypeOf<ToolException>());
    }

    private static async Task<int?> LengthAsync(LineReader reader) => (await reader.ReadAsync(CancellationToken.None))?.Length;
}
