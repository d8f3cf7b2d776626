using System.Globalization;
using System.Text;

namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>The names of the streams, subjects and consumer of a queue. They are the same on all machines.</summary>
internal sealed class NatsNames
{
    public const string Consumer = "cotyledon";

    /// <summary>The largest length of the name of a stream: the server uses it as the name of a directory.</summary>
    public const int MaxLength = 255;

    public NatsNames(string queue)
    {
        var name = Escape(queue);
        Stream = $"cotyledon-{name}";
        Subject = $"cotyledon.queue.{name}";
        DeadStream = $"cotyledon-{name}=dead"; // In an escaped name, two hexadecimal digits in upper case follow each equals sign.
        DeadSubject = $"cotyledon.dead.{name}";
    }

    public string Stream { get; }

    public string Subject { get; }

    public string DeadStream { get; }

    public string DeadSubject { get; }

    /// <summary>Writes characters that NATS does not allow as hexadecimal numbers, so that each queue has a name of its own.</summary>
    private static string Escape(string queue)
    {
        var name = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(queue))
        {
            _ = char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_'
                ? name.Append((char)b)
                : name.Append(CultureInfo.InvariantCulture, $"={b:X2}");
        }

        return name.ToString();
    }
}
