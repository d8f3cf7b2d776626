using System.Collections.Concurrent;

namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>A text that is sent once, and as a number afterwards.</summary>
internal sealed class NumberedText(string text, int number)
{
    public string Text => text;

    public int Number => number;

    /// <summary>True if the text was sent to the master. Set under the lock of the outbox.</summary>
    public bool IsDefined { get; set; }
}

/// <summary>The texts of a worker that have numbers.</summary>
internal sealed class TextNumbers
{
    private readonly ConcurrentDictionary<string, NumberedText> _texts = new();
    private int _count;

    /// <summary>Returns the number of a text, or <see langword="null"/> if the text is too long or there are too many numbers.</summary>
    public NumberedText? Find(string text)
    {
        if (_texts.TryGetValue(text, out var found))
        {
            return found;
        }

        if (text.Length > Limits.MaxKnownTextLength || Volatile.Read(ref _count) >= Limits.MaxKnownTexts)
        {
            return null;
        }

        var number = Interlocked.Increment(ref _count);
        return number > Limits.MaxKnownTexts ? null : _texts.GetOrAdd(text, new NumberedText(text, number));
    }
}
