using Serilog.Events;
using Serilog.Parsing;

namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>Parsed templates, for all workers: they run the same program.</summary>
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
        if (_templates.Count < MaxTemplates && text.Length <= Limits.MaxKnownTextLength)
        {
            _templates.Add(text, template);
        }

        return template;
    }
}
