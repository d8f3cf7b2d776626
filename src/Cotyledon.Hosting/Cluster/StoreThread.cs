using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Cluster;

/// <summary>
/// Calls the store on a thread of its own, one call at a time, so that neither a blocked thread pool nor another call delays it. Does not begin calls
/// that have waited for too long.
/// </summary>
internal sealed class StoreThread : IDisposable
{
    private const int MaxWaiting = 1000;

    private readonly BlockingQueue<Action> _calls = new(MaxWaiting);

    public StoreThread(string name) => new Thread(Run) { IsBackground = true, Name = name }.Start();

    /// <summary>Makes a call, and passes the result or the error on, unless the end has passed before the call could begin.</summary>
    public void Call<T>(Func<TimeSpan, T> call, long end, Action<T?, ClusterStoreException?> complete) => _calls.TryAdd(() =>
    {
        if (end - BootClock.Now is not (> 0 and var left))
        {
            return;
        }

        T? result;
        try
        {
            result = call(TimeSpan.FromMilliseconds(left));
        }
        catch (ClusterStoreException e)
        {
            complete(default, e);
            return;
        }
        catch (Exception e)
        {
            complete(default, new ClusterStoreException($"The store failed: {e.GetType().Name}: {e.Message}", e));
            return;
        }

        complete(result, null);
    });

    public void Dispose() => _calls.Complete();

    private void Run()
    {
        foreach (var call in _calls.TakeAll())
        {
            call();
        }
    }
}
