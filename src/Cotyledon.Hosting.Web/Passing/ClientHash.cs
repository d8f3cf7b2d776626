namespace Cotyledon.Hosting.Web.Passing;

/// <summary>Hashes the IP address in a <c>struct sockaddr</c>, without the port.</summary>
internal static class ClientHash
{
    private const int V4Size = 16;
    private const int V6Size = 28;

    private static ReadOnlySpan<byte> MappedPrefix => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

    /// <summary>Returns the hash, or 0 for a client without an IP address. An IPv4 address has one hash, also as a mapped IPv6 address.</summary>
    public static ulong Of(ReadOnlySpan<byte> socketAddress)
    {
        var address = socketAddress.Length switch
        {
            V4Size => socketAddress[4..8],
            V6Size when socketAddress[8..20].SequenceEqual(MappedPrefix) => socketAddress[20..24],
            V6Size => socketAddress[8..24],
            _ => [],
        };

        // FNV-1a, 64 bits (Fowler, Noll, Vo).
        var hash = 14695981039346656037UL;
        foreach (var b in address)
        {
            hash = unchecked((hash ^ b) * 1099511628211UL);
        }

        return address.IsEmpty ? 0 : hash | 1;
    }
}
