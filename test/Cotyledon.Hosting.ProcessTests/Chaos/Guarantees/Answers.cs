namespace Cotyledon.Hosting.ProcessTests.Chaos.Guarantees;

/// <summary>Guarantee 7: no fault of a worker delays the supervisor: it always answers.</summary>
internal static class Answers
{
    public static IEnumerable<Breach> Check(History history)
    {
        var answers = history.Notes("reported").ToDictionary(a => a.Detail);
        var end = (history.First("saw-death") ?? history.End)?.Time ?? history.Lines[^1].Time;
        foreach (var question in history.Notes("do-ask"))
        {
            var answered = answers.TryGetValue(question.Detail, out var answer) ? answer.Time : TimeSpan.MaxValue;
            var limit = question.Time + history.Terms.AnswerLimit;
            if (answered > limit && end > limit && !history.WasOn("do-freeze", question.Time, limit))
            {
                yield return new Breach(7, "the master did not answer in time", answer is null ? [question] : [question, answer]);
            }
        }
    }
}
