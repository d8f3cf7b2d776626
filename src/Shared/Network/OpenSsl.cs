using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Shared;

/// <summary>OpenSSL, which .NET uses on Linux for TLS, hashes and random numbers. Small images do not have it.</summary>
internal static class OpenSsl
{
    /// <summary>
    /// Throws if the library is missing: .NET would end the process without an exception at the first use (abort in opensslshim.c). A Native AOT program
    /// may have OpenSSL linked in, which cannot be detected, so nothing is checked there.
    /// </summary>
    /// <param name="user">What needs it.</param>
    /// <exception cref="PlatformNotSupportedException">It is missing.</exception>
    public static void Require(string user)
    {
        if (OperatingSystem.IsLinux() && RuntimeFeature.IsDynamicCodeSupported && !Names.Any(CanLoad))
        {
            throw new PlatformNotSupportedException(
                $"{user} needs OpenSSL, which is not installed. Install libssl3: apk add libssl3, or apt-get install libssl3.");
        }
    }

    /// <summary>The names that .NET 10 tries on Linux.</summary>
    private static IEnumerable<string> Names =>
        ((string?[])[Environment.GetEnvironmentVariable("CLR_OPENSSL_VERSION_OVERRIDE"), "3", "1.1", "1.0.2", "1.0.0", "10"]).OfType<string>().Select(v => "libssl.so." + v);

    private static bool CanLoad(string name) => NativeLibrary.TryLoad(name, out _);
}
