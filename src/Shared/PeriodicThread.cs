namespace Cotyledon.Hosting.Shared;

/// <summary>
/// Calls a method periodically on its own thread. A timer would call it on the thread pool, whose threads stay active for longer than the
/// call takes.
/// </summary>
internal sealed class PeriodicThread : IDisposable
{
    private readonly ManualResetEventSlim _isDisposed = new(initialState: false, spinCount: 0);

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

    /// <summary>Stops the calls. Does not wait for a running call.</summary>
    public void Dispose() => _isDisposed.Set();
}
