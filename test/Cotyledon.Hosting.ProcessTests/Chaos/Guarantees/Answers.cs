namespace Cotyledon.Hosting.ProcessTests.Chaos.Guarantees;

/// <summary>
/// Guarantee 7: no fault of a worker delays the supervisor: it always answers, and no viewer loses its connection. A master without free
/// descriptors may refuse a viewer.
/// </summary>
internal static class Answers
{
    /// <summary>The driver asks several times a second. After a longer gap, it was stalled, and the machine with it.</summary>
    private static readonly TimeSpan LongestGap = TimeSpan.FromSeconds(2);

    public static IEnumerable<Breach> Check(History history) => [.. Questions(history), .. Views(history)];

    private static IEnumerable<Breach> Questions(History history)
    {
        var answers = history.Notes("reported").ToDictionary(a => a.Detail);
        var end = (history.First("saw-death") ?? history.End)?.Time ?? history.Lines[^1].Time;
        var questions = history.Notes("do-ask").ToList();
        foreach (var question in questions)
        {
            var answered = answers.TryGetValue(question.Detail, out var answer) ? answer.Time : TimeSpan.MaxValue;
            var limit = question.Time + history.Terms.AnswerLimit;
            if (answered > limit && end > limit && !history.WasOn("do-freeze", question.Time, limit) && !WasStalled(questions, question.Time, limit))
            {
                yield return new Breach(7, "the master did not answer in time", answer is null ? [question] : [question, answer]);
            }
        }
    }

    private static bool WasStalled(List<TraceLine> questions, TimeSpan from, TimeSpan to) => questions
        .Zip(questions.Skip(1), (first, second) => (First: first.Time, Second: second.Time))
        .Any(gap => gap.First < to && gap.Second > from && gap.Second - gap.First > LongestGap);

    /// <summary>Requests are answered only if the web application has had a worker.</summary>
    private static bool CouldSee(History history, TraceLine view) =>
        view.Detail != "load" || history.Lines.Any(l => l.Is("report", "Web") && l.Detail.Contains(":Ready:", StringComparison.Ordinal));

    private static IEnumerable<Breach> Views(History history) => history.Notes("saw-view")
        .Where(view => !history.WasOn("do-limit", view.Time - history.Terms.AnswerLimit, view.Time))
        .Where(view => view.Detail.Contains(" failed: ", StringComparison.Ordinal)
            || (!view.Detail.Contains(' ', StringComparison.Ordinal) && history.First("saw-settled") is not null && CouldSee(history, view)))
        .Select(view => new Breach(7, "a viewer saw nothing or lost its connection", view));
}
