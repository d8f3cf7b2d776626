using System.Text;
using Cotyledon.Hosting.Control;

namespace Cotyledon.Hosting.Tests.Control;

/// <summary>Splits received bytes into lines.</summary>
internal sealed class LineBufferTests
{
    [Test]
    public void Lines_are_the_same_however_they_arrive([Range(1, 12)] int size)
    {
        var buffer = new LineBuffer(16);
        var lines = new List<string>();
        foreach (var part in "one\ntwo\r\n\nfour-and-more\n"u8.ToArray().Chunk(size))
        {
            buffer.Add(part);
            while (buffer.TryTake(out var line))
            {
                lines.Add(Encoding.UTF8.GetString(line.Span));
            }
        }

        Assert.That(lines, Is.EqualTo(new[] { "one", "two", "", "four-and-more" }));
        Assert.That(buffer.IsEmpty);
    }

    [Test]
    public void Line_of_the_largest_size_is_complete_and_a_longer_one_is_too_long()
    {
        var buffer = new LineBuffer(8);
        buffer.Add("1234567\n"u8);
        Assert.That((buffer.Room, buffer.IsTooLong, buffer.HasLine), Is.EqualTo((0, false, true)));
        Assert.That(buffer.TryTake(out var line) && line.Length == 7);
        buffer.Add("12345678"u8);
        Assert.That((buffer.Room, buffer.IsTooLong, buffer.HasLine), Is.EqualTo((0, true, false)));
    }

    [Test]
    public void Random_parts_give_the_same_lines()
    {
        var random = new Random(1);
        for (var run = 0; run < 200; run++)
        {
            var expected = Enumerable.Range(0, 20).Select(_ => new string('x', random.Next(0, 30))).ToList();
            var bytes = Encoding.UTF8.GetBytes(string.Concat(expected.Select(l => l + "\n")));
            var (buffer, lines, next) = (new LineBuffer(64), new List<string>(), 0);
            while (next < bytes.Length)
            {
                var count = Math.Min(random.Next(1, 64), Math.Min(buffer.Room, bytes.Length - next));
                buffer.Add(bytes.AsSpan(next, count));
                next += count;

                // Lines may stay while requests wait.
                while ((buffer.Room == 0 || random.Next(4) > 0) && buffer.TryTake(out var line))
                {
                    lines.Add(Encoding.UTF8.GetString(line.Span));
                }
            }

            while (buffer.TryTake(out var rest))
            {
                lines.Add(Encoding.UTF8.GetString(rest.Span));
            }

            Assert.That(lines, Is.EqualTo(expected));
        }
    }
}
