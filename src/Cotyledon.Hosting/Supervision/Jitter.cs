namespace Cotyledon.Hosting.Supervision;

/// <summary>Deterministic pseudo-random numbers, so that <see cref="Decide"/> stays deterministic.</summary>
internal static class Jitter
{
    /// <summary>Returns a number from 0 to 1 for a process, calculated with SplitMix64 (Steele, Lea, Flood 2014).</summary>
    public static double Sample(ulong seed, int spawn)
    {
        unchecked
        {
            var z = seed + ((ulong)spawn * 0x9E3779B97F4A7C15UL);
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            return ((z ^ (z >> 31)) >> 11) / (double)(1UL << 53);
        }
    }
}
