namespace Cotyledon.Hosting.Configuration;

/// <summary>Options of another package in section <c>Cotyledon</c>, checked with those of the master: at the start and at each reload.</summary>
internal interface IConfigurationCheck
{
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Something is wrong.</exception>
    void Check();

    /// <summary>What stands in the configuration and has no effect, or none before the next start.</summary>
    IEnumerable<string> Warnings();
}
