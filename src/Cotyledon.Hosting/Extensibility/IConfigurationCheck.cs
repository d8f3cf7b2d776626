using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Extensibility;

/// <summary>
/// Validates the options of another package in section <c>Cotyledon</c>, together with those of the master: at the start and at each reload.
/// Register implementations as enumerable singletons in the master.
/// </summary>
[Experimental("COTYLEDON001")]
public interface IConfigurationCheck
{
    /// <summary>Validates the configuration.</summary>
    /// <exception cref="OptionsValidationException">The configuration is invalid. A reload is then rejected.</exception>
    void Check();

    /// <summary>Gets warnings about keys that have no effect, or none before the next start.</summary>
    /// <returns>Complete sentences, which name the key.</returns>
    IEnumerable<string> Warnings();
}
