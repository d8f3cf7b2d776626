namespace Cotyledon.Hosting;

/// <summary>What the master does with a slot that crashed too often.</summary>
public enum GiveUpAction
{
    /// <summary>The slot stays empty until its service is reconfigured, reloaded or restarted; everything else goes on.</summary>
    KeepDown,

    /// <summary>The master stops gracefully and exits with code 3, so that whoever supervises the master knows.</summary>
    StopHost,
}
