using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Configuration;

/// <summary>
/// The result of loading and validating a configuration: the values of each source, and combined, and, unless there are errors, the options
/// of the supervisor and the form in which the configuration is sent to workers. Each error is a complete sentence.
/// </summary>
internal sealed record EvaluatedConfiguration(
    ConfigurationCandidate Candidate,
    ConfigurationSnapshot Snapshot,
    EffectiveSettings? Settings,
    ConfigurationImage? Image,
    IReadOnlyList<string> Errors);

/// <summary>Loads and validates a configuration. Only validators see it before it is published.</summary>
internal sealed class ConfigurationEvaluator(MasterSettings settings, TimeProvider clock)
{
    /// <summary>The timeout for all providers and validators of the program together.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    private readonly MasterConfiguration _configuration = settings.Configuration;
    private Task<EvaluatedConfiguration>? _running;

    /// <summary>
    /// Loads and validates the configuration. If a provider or validator of the program hangs, the result is an error, and the reload ends.
    /// </summary>
    public async Task<EvaluatedConfiguration> EvaluateAsync(bool loadsAll, ConfigurationSnapshot inForce)
    {
        if (_running is { IsCompleted: false })
        {
            return Failed(["A provider or a validator of the configuration has not returned from the previous reload yet."]);
        }

        var running = _running = Task.Run(() => Evaluate(loadsAll, inForce));
        return await PausableTimeout.WaitAsync(running, Timeout, clock).ConfigureAwait(false)
            ? await running.ConfigureAwait(false)
            : Failed([$"The configuration was not loaded and validated within {Timeout}: a provider or a validator hangs."]);
    }

    private EvaluatedConfiguration Evaluate(bool loadsAll, ConfigurationSnapshot inForce)
    {
        var candidate = _configuration.Load(loadsAll);
        if (candidate.Errors.Count > 0)
        {
            return Failed(candidate.Errors);
        }

        var snapshot = _configuration.SnapshotOf(candidate);
        var lost = snapshot.SectionsLostSince(inForce).ToList();
        if (lost.Count > 0)
        {
            return Failed([.. lost.Select(s => $"The section {s} was removed. To return to the values in code, restart the program.")]);
        }

        try
        {
            using var shown = _configuration.Show(candidate);
            return new(candidate, snapshot, settings.ReadForThisProcess(), _configuration.ImageOf(candidate), []);
        }
        catch (OptionsValidationException e)
        {
            return Failed([.. e.Failures]);
        }
        catch (Exception e)
        {
            // Binders and validators of the program can throw any exception.
            return Failed([ExceptionText.Summary(e)]);
        }
    }

    private static EvaluatedConfiguration Failed(IReadOnlyList<string> errors) =>
        new(new([], []), new(new Dictionary<string, string?>()), null, null, errors);
}
