using Cotyledon.Hosting.Extensibility;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Cluster;

/// <summary>Whether the store answers. Logs each problem once, and its end.</summary>
/// <param name="description">Where the records are.</param>
/// <param name="log">Writes to the log, in the background.</param>
/// <param name="clock">Measures how long a problem lasts.</param>
internal sealed class ClusterProblem(string description, Action<Action<ILogger>> log, TimeProvider clock)
{
    private readonly SortedDictionary<ClusterCall, string> _problems = [];
    private long _since;
    private string? _current;

    /// <summary>The present problem; <see langword="null"/> if the last calls have succeeded. Can be read from any thread.</summary>
    public string? Current => Volatile.Read(ref _current);

    /// <summary>Notes the outcome of a call. Not thread-safe.</summary>
    public void Note(ClusterCall call, ClusterStoreException? error)
    {
        var text = error is null ? null : LogText.Escape(error.Message.ReplaceLineEndings(" ")).TrimEnd('.') + ".";
        if (text is null)
        {
            if (_problems.Remove(call) && _problems.Count == 0)
            {
                var duration = TimeSpan.FromMilliseconds(Math.Round(clock.GetElapsedTime(_since).TotalMilliseconds));
                log(logger => Log.ClusterStoreAnswers(logger, description, duration));
            }
        }
        else if (_problems.GetValueOrDefault(call) != text)
        {
            _since = _problems.Count == 0 ? clock.GetTimestamp() : _since;
            if (!_problems.ContainsValue(text))
            {
                log(logger => Log.ClusterStoreFailed(logger, description, text));
            }

            _problems[call] = text;
        }

        Volatile.Write(ref _current, _problems.Values.FirstOrDefault());
    }

    /// <summary>Notes an error after which nothing more is done.</summary>
    public void Fail(Exception error)
    {
        Volatile.Write(ref _current, $"The program has left the cluster after an error: {LogText.Escape(error.Message)}");
        log(logger => Log.ClusterFailed(logger, error));
    }
}

/// <summary>The kind of a call.</summary>
internal enum ClusterCall
{
    Write,
    Read,
}
