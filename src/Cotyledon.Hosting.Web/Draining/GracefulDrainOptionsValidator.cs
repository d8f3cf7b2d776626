using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Web.Draining;

/// <summary>Validates <see cref="GracefulDrainOptions"/>.</summary>
internal sealed class GracefulDrainOptionsValidator : IValidateOptions<GracefulDrainOptions>
{
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, GracefulDrainOptions options) =>
        options.Timeout > TimeSpan.Zero && options.Timeout <= MaxTimeout
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{nameof(GracefulDrainOptions)}.{nameof(options.Timeout)} is {options.Timeout}; it must be more than zero and at most one hour.");
}
