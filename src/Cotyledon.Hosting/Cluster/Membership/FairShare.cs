namespace Cotyledon.Hosting.Cluster;

/// <summary>Divides the worker ids of a service among the sessions.</summary>
internal static class FairShare
{
    /// <summary>Returns the number of ids that each session should hold. The same members always give the same shares.</summary>
    /// <param name="ids">The number of ids.</param>
    /// <param name="members">The sessions that can hold ids, how many they hold, and how many they may hold.</param>
    public static Dictionary<string, int> Divide(int ids, IEnumerable<(string Session, int Held, int Max)> members)
    {
        // Those that hold most come first, so that the remainder does not move.
        var order = members.OrderByDescending(m => m.Held).ThenBy(m => m.Session, StringComparer.Ordinal).ToList();
        var shares = order.ToDictionary(m => m.Session, _ => 0);
        for (var isAnyOpen = true; ids > 0 && isAnyOpen;)
        {
            isAnyOpen = false;
            foreach (var (session, _, max) in order)
            {
                if (ids > 0 && shares[session] < max)
                {
                    shares[session]++;
                    ids--;
                    isAnyOpen = true;
                }
            }
        }

        return shares;
    }
}
