namespace Cotyledon.Hosting.Testing;

/// <summary>What a worker made of a reload.</summary>
public enum TestReloadOutcome
{
    /// <summary>It has taken the new configuration in place.</summary>
    Reloaded = 0,

    /// <summary>It cannot, or did not within its graceful timeout: the master would replace it.</summary>
    Replaced = 1,

    /// <summary>The settings could not be applied, for example because options are not valid; the service was not asked to reload.</summary>
    Failed = 2,

    /// <summary>It left: the service threw. <see cref="TestWorker{T}.Completion"/> says why.</summary>
    Left = 3,
}
