namespace Cotyledon.Hosting.Configuration;

/// <summary>
/// Calls something again and again, on a thread of its own: a timer of the thread pool would keep its threads awake for longer than
/// the call takes.
/// </summary>
internal sealed class PeriodicThread : IDisposable
{
    private readonly ManualResetEventSlim _isDisposed = new();

    public PeriodicThread(TimeSpan interval, string name, Action tick)
    {
        var thread = new Thread(() =>
        {
            while (!_isDisposed.Wait(interval))
            {
                tick();
            }
        });
        thread.IsBackground = true;
        thread.Name = name;
        thread.Start();
    }

    /// <summary>Does not wait for a call that runs.</summary>
    public void Dispose() => _isDisposed.Set();
}
