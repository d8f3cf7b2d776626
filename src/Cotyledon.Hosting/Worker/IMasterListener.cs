using Cotyledon.Hosting.Channel;

namespace Cotyledon.Hosting.Worker;

/// <summary>Hears what the master says. Called on the lifeline's thread, or a signal's: no member may wait or throw.</summary>
internal interface IMasterListener
{
    void OnAssigned(Frame.Assign assignment);

    /// <summary>No slot so far. Called once.</summary>
    void OnWaiting();

    void OnUpdate(Frame.Update update);

    /// <summary>The master has sent a configuration; it is taken before anything that the master says from now on.</summary>
    void OnConfiguration();

    /// <summary>The master wants the service to take the present configuration.</summary>
    void OnReload();

    /// <summary>Called once. The lifeline ends the process at the graceful timeout, so there is no time to lose.</summary>
    void OnStop(StopCause cause);
}
