using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Configuration;

/// <summary>
/// The cache of <see cref="IOptionsMonitor{TOptions}"/>. Code that validates a candidate gets options that are created from the candidate;
/// all other code gets the cached options.
/// </summary>
/// <remarks><c>ValidateOnStart</c> gets the options from the monitor, which validates them only when they are created.</remarks>
internal sealed class CandidateOptionsCache<
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions> : OptionsCache<TOptions>
    where TOptions : class
{
    public override TOptions GetOrAdd(string? name, Func<TOptions> createOptions) =>
        CandidateScope.IsOpenHere ? createOptions() : base.GetOrAdd(name, createOptions);
}

/// <summary>
/// Options that never change. If a validator is the first to read them while a candidate is validated, the options of the candidate must
/// not become the permanent ones.
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
