using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Configuration;

/// <summary>
/// The cache behind <see cref="IOptionsMonitor{TOptions}"/>: while a candidate is validated, the validating code gets options that are
/// made from the candidate, and the rest of the program those that it has.
/// </summary>
/// <remarks><c>ValidateOnStart</c> validates by asking the monitor, which validates nothing that it finds in its cache.</remarks>
internal sealed class CandidateOptionsCache<
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions> : IOptionsMonitorCache<TOptions>
    where TOptions : class
{
    private readonly ConcurrentDictionary<string, Lazy<TOptions>> _cache = new(StringComparer.Ordinal);

    public void Clear() => _cache.Clear();

    public TOptions GetOrAdd(string? name, Func<TOptions> createOptions)
    {
        ArgumentNullException.ThrowIfNull(createOptions);
        return CandidateScope.IsOpenHere
            ? createOptions()
            : _cache.GetOrAdd(name ?? Options.DefaultName, static (_, create) => new Lazy<TOptions>(create), createOptions).Value;
    }

    public bool TryAdd(string? name, TOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return _cache.TryAdd(name ?? Options.DefaultName, new Lazy<TOptions>(options));
    }

    public bool TryRemove(string? name) => _cache.TryRemove(name ?? Options.DefaultName, out _);
}

/// <summary>
/// Options that never change. A validator that is the first to ask for them, while a candidate is validated, must not make those of the
/// candidate the ones that remain.
/// </summary>
internal sealed class CandidateOptions<
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions>(
    IOptionsFactory<TOptions> factory) : IOptions<TOptions>
    where TOptions : class
{
    private readonly Lock _gate = new();
    private volatile TOptions? _value;

    public TOptions Value
    {
        get
        {
            if (_value is { } value)
            {
                return value;
            }

            if (CandidateScope.IsOpenHere)
            {
                return factory.Create(Options.DefaultName);
            }

            lock (_gate)
            {
                return _value ??= factory.Create(Options.DefaultName);
            }
        }
    }
}
