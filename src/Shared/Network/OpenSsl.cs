using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Shared;

/// <summary>The library of which .NET needs a part on Linux for TLS, passwords and random numbers. Small images do not have it.</summary>
internal static class OpenSsl
{
    /// <summary>
    /// Throws if the library is missing: .NET would end the process without an exception at the first use (abort in opensslshim.c). A native program may
    /// contain the library, which cannot be found out, so it is not checked there.
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

    /// <summary>The names that .NET 10 tries.</summary>
    private static IEnumerable<string> Names =>
        ((string?[])[Environment.GetEnvironmentVariable("CLR_OPENSSL_VERSION_OVERRIDE"), "3", "1.1"]).OfType<string>().Select(v => "libssl.so." + v);

    private static bool CanLoad(string name) => NativeLibrary.TryLoad(name, out _);
}
