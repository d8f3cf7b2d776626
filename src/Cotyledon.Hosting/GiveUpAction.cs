namespace Cotyledon.Hosting;

/// <summary>Specifies what the master does when a worker has crashed more often than <see cref="CotyledonWorkerOptions.MaxRestarts"/>.</summary>
public enum GiveUpAction
{
    /// <summary>The worker is not restarted until the settings of its service change, or the service is scaled, reloaded or restarted. Other workers are not affected.</summary>
    KeepDown = 0,

    /// <summary>The master stops gracefully and exits with code 3, so that its service manager can react.</summary>
    StopHost = 1,
}
