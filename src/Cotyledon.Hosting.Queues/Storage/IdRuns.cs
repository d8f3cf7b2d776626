namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>Groups ids into ranges without gaps. Items are mostly completed in about their order, and a range needs one deletion.</summary>
internal static class IdRuns
{
    /// <param name="ids">The ids in any order. The list is sorted.</param>
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
