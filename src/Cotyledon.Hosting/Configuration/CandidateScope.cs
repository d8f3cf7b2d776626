namespace Cotyledon.Hosting.Configuration;

/// <summary>Shows the values of a candidate to the code that validates it. All other code sees the published values.</summary>
/// <remarks>
/// Validators of the program read the configuration through objects that they already have, so these objects must distinguish their
/// callers. They do so by the execution context, which also flows into tasks that a validator starts. A task that is still running when
/// the scope ends sees the published values from then on.
/// </remarks>
internal sealed class CandidateScope : IDisposable
{
    private static readonly AsyncLocal<CandidateScope?> Current = new();

    /// <summary>The number of open scopes in this process. If it is zero, reads do not access the execution context.</summary>
    private static int _open;

    private readonly AcceptedConfiguration _owner;
    private readonly SourceValues[] _values;
    private volatile bool _isClosed;

    public CandidateScope(AcceptedConfiguration owner, SourceValues[] values)
    {
        (_owner, _values) = (owner, values);
        Interlocked.Increment(ref _open);
        Current.Value = this;
    }

    /// <summary>Whether the calling code validates a candidate.</summary>
    public static bool IsOpenHere => Volatile.Read(ref _open) > 0 && Current.Value is { _isClosed: false };

    public static SourceValues[]? ValuesFor(AcceptedConfiguration owner) =>
        Volatile.Read(ref _open) > 0 && Current.Value is { _isClosed: false } scope && scope._owner == owner ? scope._values : null;

    public void Dispose()
    {
        _isClosed = true;
        Current.Value = null;
        Interlocked.Decrement(ref _open);
    }
}
