namespace Cotyledon.Hosting.Tests;

internal sealed class LogTextTests
{
    [TestCase("plain größer ✓ 🎉", "plain größer ✓ 🎉")]
    [TestCase("", "")]
    [TestCase("a\tb", "a b")]
    [TestCase("a\nb", "a\\nb")]
    [TestCase("a\r\nb", "a\\r\\nb")]
    [TestCase("\u001b[2J\u001b[1;31mfatal", "\\x1b[2J\\x1b[1;31mfatal")]
    [TestCase("\a\b\0\u007f", "\\x07\\x08\\x00\\x7f")]
    [TestCase("\u0085\u009b2J", "\\x85\\x9b2J")]
    [TestCase("\u2028\u2029\u202e\u2066", "\\u2028\\u2029\\u202e\\u2066")]
    public void Control_characters_are_escaped(string text, string escaped)
    {
        Assert.That(LogText.Escape(text), Is.EqualTo(escaped));
    }

    [Test]
    public void No_escaped_text_contains_a_control_character()
    {
        for (var character = 0; character <= char.MaxValue; character++)
        {
            var text = LogText.Escape($"{(char)character}");
            Assert.That(text.Any(char.IsControl), Is.False, $"{character:x4}");
        }
    }
}
