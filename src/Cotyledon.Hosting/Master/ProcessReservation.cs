namespace Cotyledon.Hosting.Master;

/// <summary>
/// Reserves the resources that a process has only once, for one host: title, signals, exit code and the connection to the service manager.
/// </summary>
internal sealed class ProcessReservation
{
    public static readonly ProcessReservation OfThisProcess = new();

    private object? _holder;

    /// <summary>Takes the reservation. Returns false while another host holds it.</summary>
    public bool TryTake(object holder) => (Interlocked.CompareExchange(ref _holder, holder, null) ?? holder) == holder;

    public bool IsHeldBy(object holder) => Volatile.Read(ref _holder) == holder;

    /// <summary>Releases the reservation. Has no effect if another host holds it.</summary>
    public void Release(object holder) => Interlocked.CompareExchange(ref _holder, null, holder);
}
