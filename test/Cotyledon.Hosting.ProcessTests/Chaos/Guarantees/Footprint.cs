using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests.Chaos.Guarantees;

/// <summary>Guarantee 9: descriptors, threads and memory of the master do not grow with the number of restarts.</summary>
internal static class Footprint
{
    /// <summary>The first measurements include code that is loaded at its first use.</summary>
    private const int WarmUp = 2;

    private const int DescriptorsOfWorker = 3;

    /// <summary>The socket through which the master of a web application passes connections; each worker process has one.</summary>
    private const int DescriptorsOfWeb = 1;

    /// <summary>In KiB. Loading 300 KB of configuration leaves ten megabytes of garbage, which the runtime keeps.</summary>
    private const int LargeEdit = 16 * 1024;

    // For files of code that is loaded late, for the varying size of the thread pool, and for garbage.
    private static readonly (string Name, int Slack)[] Limits = [("descriptors", 6), ("threads", 10), ("kib", 24 * 1024)];

    public static IEnumerable<Breach> Check(History history)
    {
        var looks = history.Notes("saw-size").ToList();
        var hadLargeEdit = history.Notes("do-large-edit").Any();
        foreach (var (name, slack) in Limits)
        {
            var ofWorker = DescriptorsOfWorker + (history.Services.Contains("Web") ? DescriptorsOfWeb : 0);
            var highest = looks.Take(WarmUp).Select(l => Value(l, name, ofWorker)).DefaultIfEmpty().Max();
            var limit = highest + slack + (name == "kib" && hadLargeEdit ? LargeEdit : 0);
            if (looks.Skip(WarmUp).FirstOrDefault(l => Value(l, name, ofWorker) > limit) is { } grown)
            {
                yield return new Breach(9, $"{name} of the master have grown", [.. looks.Take(WarmUp), grown]);
            }
        }
    }

    /// <summary>The measured value without the share of each present worker.</summary>
    private static int Value(TraceLine look, string name, int ofWorker) =>
        Number(look, name) - (name == "descriptors" ? ofWorker * Number(look, "workers") : 0);

    private static int Number(TraceLine look, string name) => int.Parse(
        look.Detail.Split(' ').Single(w => w.StartsWith(name + "=", StringComparison.Ordinal)).Split('=')[1],
        CultureInfo.InvariantCulture);
}
