namespace Cotyledon.Hosting.Cluster;

/// <summary>Divides the worker ids of a service among the sessions. All sessions compute the same shares from the same records.</summary>
internal static class FairShare
{
    /// <summary>Returns the number of ids that a session should hold.</summary>
    /// <param name="ids">The number of ids.</param>
    /// <param name="members">The sessions that can hold ids, how many they hold, and how many they may hold.</param>
    /// <param name="session">One of the sessions.</param>
    public static int Of(int ids, IEnumerable<(string Session, int Held, int Max)> members, string session)
    {
        // Those that hold most come first, so that the remainder does not move.
        var order = members.OrderByDescending(m => m.Held).ThenBy(m => m.Session, StringComparer.Ordinal).ToList();
        var shares = new int[order.Count];
        for (var isAnyOpen = true; ids > 0 && isAnyOpen;)
        {
            isAnyOpen = false;
            for (var i = 0; i < order.Count && ids > 0; i++)
            {
                if (shares[i] < order[i].Max)
                {
                    shares[i]++;
                    ids--;
                    isAnyOpen = true;
                }
            }
        }

        var index = order.FindIndex(m => m.Session == session);
        return index < 0 ? 0 : shares[index];
    }
}
