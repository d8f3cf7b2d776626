using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests.Chaos.Guarantees;

/// <summary>Guarantee 2: after the last event the running workers match the target without a further event.</summary>
/// <remarks>
/// The driver notes <c>saw-quiet</c> when it causes no more faults, <c>saw-settled</c> with its last request and the children of the
/// master when all workers are as configured, and <c>saw-unsettled</c> when that took too long.
/// </remarks>
internal static class Settling
{
    public static IEnumerable<Breach> Check(History history)
    {
        foreach (var note in history.Notes("saw-unsettled"))
        {
            yield return new Breach(2, "the workers did not settle within the limit", [note, .. LastReport(history, note)]);
        }

        foreach (var note in history.Notes("saw-settled"))
        {
            foreach (var message in Complaints(history, note))
            {
                yield return new Breach(2, message, [note, .. LastReport(history, note)]);
            }
        }
    }

    private static IEnumerable<string> Complaints(History history, TraceLine note)
    {
        var words = note.Detail.Split(' ').Select(word => word.Split('=')).ToDictionary(w => w[0], w => w[1]);
        if (Report.Find(history.Lines, words["question"]) is not { } report)
        {
            yield return "the master has not answered";
            yield break;
        }

        foreach (var service in report.Services)
        {
            if (!service.IsComplete(words["givenup"].Split(',').Contains(service.Name)))
            {
                yield return $"{service.Name} does not have a ready worker for each id";
            }

            var before = history.Notes("saw-settled").LastOrDefault(n => n.Time < note.Time)?.Time ?? TimeSpan.Zero;
            var targets = history.Targets(service.Name, before, note.Time);
            if (targets.All(t => t.Detail != service.Target.ToString(CultureInfo.InvariantCulture)))
            {
                yield return $"{service.Target} workers of {service.Name} were not requested";
            }
        }

        var children = Numbers(words["children"]);
        var spares = children.Except(report.Processes).ToList();
        if (report.Processes.Except(children).Any()
            || spares.Count != int.Parse(words["spares"], CultureInfo.InvariantCulture)
            || spares.Any(spare => HadSlot(history, spare, note.Time)))
        {
            yield return "the children of the master differ from its report";
        }

        if (words["zombies"].Length > 0)
        {
            yield return "there are zombies";
        }

        foreach (var worker in history.WorkerHistories.Where(w => children.Contains(w.ProcessId) && w.Begin < note.Time && w.End < note.Time))
        {
            if (!history.WorkerHistories.Any(w => w.ProcessId == worker.ProcessId && w.Begin < note.Time && w.End > note.Time))
            {
                yield return $"process {worker.ProcessId} has an exit record but still runs";
            }
        }
    }

    private static bool HadSlot(History history, int processId, TimeSpan time) => history.WorkerHistories
        .LastOrDefault(w => w.ProcessId == processId && w.Begin < time)?.OwnLines.Any(l => l.WorkerId >= 0 && l.Time < time) ?? false;

    private static IEnumerable<TraceLine> LastReport(History history, TraceLine note) =>
        history.Lines.Where(l => l.Is("report") && l.Time < note.Time).TakeLast(history.Services.Count);

    private static List<int> Numbers(string list) =>
        [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
}
