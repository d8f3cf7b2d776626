using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Configuration;

/// <summary>A configuration that was loaded, and validated unless it could not be loaded.</summary>
/// <param name="Candidate">The values.</param>
/// <param name="Snapshot">All of them together.</param>
/// <param name="Settings">The options of the supervisor; null where there are errors.</param>
/// <param name="Image">The form in which workers get it; null where there are errors.</param>
/// <param name="Errors">Why it is rejected, one complete sentence each; empty where it is not.</param>
internal sealed record EvaluatedConfiguration(
    ConfigurationCandidate Candidate,
    ConfigurationSnapshot Snapshot,
    EffectiveSettings? Settings,
    ConfigurationImage? Image,
    IReadOnlyList<string> Errors);

/// <summary>Loads and validates a configuration. Nothing of it is visible to the program before it is published.</summary>
internal sealed class ConfigurationEvaluator(MasterSettings settings, TimeProvider clock)
{
    /// <summary>For all providers and validators of the program together.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    private readonly MasterConfiguration _configuration = settings.Configuration;
    private Task<EvaluatedConfiguration>? _running;

    /// <summary>Providers and validators are code of the program: one that hangs ends in an error here, not in a reload that hangs.</summary>
    public async Task<EvaluatedConfiguration> EvaluateAsync(bool loadsAll, ConfigurationSnapshot inForce)
    {
        if (_running is { IsCompleted: false })
        {
            return Failed(["A provider or a validator of the configuration still has not returned from the reload before."]);
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
            return Failed([.. lost.Select(s => $"The section {s} is gone. To return to the values in code, restart the program.")]);
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
            // Whatever a binder or a validator of the program throws.
            return Failed([ExceptionText.Summary(e)]);
        }
    }

    private static EvaluatedConfiguration Failed(IReadOnlyList<string> errors) =>
        new(new([], []), new(new Dictionary<string, string?>()), null, null, errors);
}
