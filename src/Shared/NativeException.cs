using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>The exception for a failed call to the operating system.</summary>
internal sealed class NativeException(string call, int error, string advice = "")
    : Exception($"{call}: {Marshal.GetPInvokeErrorMessage(error)} (error {error}){(advice.Length == 0 ? "" : $". {advice}")}");
