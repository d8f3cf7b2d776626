namespace Cotyledon.Hosting.Testing;

/// <summary>Specifies the outcome of a reload of a worker.</summary>
public enum TestReloadOutcome
{
    /// <summary>The worker has reloaded in place.</summary>
    Reloaded = 0,

    /// <summary>The service cannot reload in place, or exceeded its graceful timeout: the master would replace the worker.</summary>
    Replaced = 1,

    /// <summary>
    /// Options with <c>ValidateOnStart</c> are invalid; the old settings stay in use, and the service was not reloaded.
    /// <see cref="TestWorker{T}.ReloadError"/> has the reason.
    /// </summary>
    Rejected = 2,

    /// <summary>The service threw, and the worker has exited. <see cref="TestWorker{T}.Completion"/> has the reason.</summary>
    Exited = 3,
}
