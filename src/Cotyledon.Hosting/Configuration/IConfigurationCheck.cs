namespace Cotyledon.Hosting.Configuration;

/// <summary>Checks options of another package in section <c>Cotyledon</c>, at the start and at each reload.</summary>
internal interface IConfigurationCheck
{
    /// <summary>Checks the options.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option is invalid.</exception>
    void Check();

    /// <summary>Returns warnings about settings that have no effect, or no effect before the next start.</summary>
    IEnumerable<string> Warnings();
}
