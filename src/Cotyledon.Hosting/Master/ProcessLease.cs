namespace Cotyledon.Hosting.Master;

/// <summary>
/// What a process has once: its title, signals and exit code, and the service manager's attention. One supervisor holds it at a time.
/// </summary>
internal sealed class ProcessLease
{
    public static readonly ProcessLease OfThisProcess = new();

    private object? _holder;

    /// <summary>False while another one holds it.</summary>
    public bool TryTake(object holder) => (Interlocked.CompareExchange(ref _holder, holder, null) ?? holder) == holder;

    public bool IsHeldBy(object holder) => Volatile.Read(ref _holder) == holder;

    /// <summary>Does nothing where another one holds it.</summary>
    public void Release(object holder) => Interlocked.CompareExchange(ref _holder, null, holder);
}
