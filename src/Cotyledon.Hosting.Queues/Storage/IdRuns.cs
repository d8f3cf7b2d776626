namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>Ids without gaps as ranges: items are mostly completed about in their order, and a range is one deletion.</summary>
internal static class IdRuns
{
    /// <param name="ids">In any order; sorted by it.</param>
    public static IEnumerable<(long First, long Last)> Of(List<long> ids)
    {
        ids.Sort();
        for (var i = 0; i < ids.Count; i++)
        {
            var first = ids[i];
            while (i + 1 < ids.Count && ids[i + 1] <= ids[i] + 1)
            {
                i++;
            }

            yield return (first, ids[i]);
        }
    }
}
