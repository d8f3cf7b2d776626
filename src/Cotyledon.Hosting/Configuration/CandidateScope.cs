namespace Cotyledon.Hosting.Configuration;

/// <summary>Shows the values of a candidate to the code that validates it; all other code sees the values in force.</summary>
/// <remarks>
/// Validators of the program read the configuration through objects that they hold already, so the objects have to answer by the
/// caller: by the execution context, which follows a validator that starts tasks. What a validator leaves running sees the published
/// values from the end of the scope on.
/// </remarks>
internal sealed class CandidateScope : IDisposable
{
    private static readonly AsyncLocal<CandidateScope?> Current = new();

    /// <summary>How many scopes are open in this process: without any, a read does not look at the execution context.</summary>
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
