using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>A call to the operating system failed.</summary>
internal sealed class NativeException(string call, int error, string advice = "")
    : Exception($"{call}: {Marshal.GetPInvokeErrorMessage(error)} (error {error}) {advice}".TrimEnd());
