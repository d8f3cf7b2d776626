using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Configuration;

/// <summary>
/// The cache behind <see cref="IOptionsMonitor{TOptions}"/>: while a candidate is validated, the validating code gets options that are
/// made from the candidate, and the rest of the program those that it has.
/// </summary>
/// <remarks><c>ValidateOnStart</c> validates by asking the monitor, which validates nothing that it finds in its cache.</remarks>
internal sealed class CandidateOptionsCache<
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions> : OptionsCache<TOptions>
    where TOptions : class
{
    public override TOptions GetOrAdd(string? name, Func<TOptions> createOptions)
    {
        ArgumentNullException.ThrowIfNull(createOptions);
        return CandidateScope.IsOpenHere ? createOptions() : base.GetOrAdd(name, createOptions);
    }
}
