using System.Globalization;
using Serilog.Events;
using Serilog.Parsing;

namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>The parsed templates of all workers, which share most templates because they run the same program.</summary>
internal sealed class TemplateCache
{
    private const int MaxTemplates = 4096;

    private readonly MessageTemplateParser _parser = new();
    private readonly Dictionary<string, MessageTemplate> _templates = [];

    public MessageTemplate Parse(string text)
    {
        if (_templates.TryGetValue(text, out var known))
        {
            return known;
        }

        var template = _parser.Parse(text);
        if (template.Tokens.Any(IsTooWide))
        {
            template = new MessageTemplate(text, [new TextToken(text)]);
        }

        if (_templates.Count < MaxTemplates && text.Length <= Limits.MaxKnownTextLength)
        {
            _templates.Add(text, template);
        }

        return template;
    }

    /// <summary>Returns true for tokens such as <c>{A,1000000000}</c> or <c>{A:D1000000000}</c>.</summary>
    private static bool IsTooWide(MessageTemplateToken token) =>
        token is PropertyToken property && (property.Alignment is { Width: > Limits.MaxWidth or < 0 } || HasTooManyDigits(property.Format));

    /// <summary>Checks a standard numeric format: a letter and the number of digits.</summary>
    private static bool HasTooManyDigits(string? format) =>
        format is { Length: > 1 }
        && char.IsAsciiLetter(format[0])
        && format.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0
        && !(int.TryParse(format.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var digits) && digits <= Limits.MaxWidth);
}
