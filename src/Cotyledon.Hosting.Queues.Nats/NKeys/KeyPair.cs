#pragma warning disable CS1591, CA1822 // The names are those of the original, which has the documentation.

namespace NATS.NKeys;

/// <summary>Stands in for the original, as far as NATS.Client.Core uses it. It signs nothing.</summary>
public sealed class KeyPair
{
    private const string Missing =
        "This program was built from the sources of Cotyledon.Hosting, without NATS.NKeys: it cannot sign in with an nkey or a JWT. "
        + "The packages can.";

    private KeyPair()
    {
    }

    public static KeyPair FromSeed(ReadOnlySpan<char> seed) => throw new NotSupportedException(Missing);

    public void Sign(ReadOnlyMemory<byte> message, Memory<byte> signature) => throw new NotSupportedException(Missing);

    public string GetPublicKey() => throw new NotSupportedException(Missing);
}
