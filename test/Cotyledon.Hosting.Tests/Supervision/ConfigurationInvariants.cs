using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>
/// When a reload of all services ends, every worker has been sent the configuration accepted before it. Without a reload, a configuration is sent
/// only to workers that have its values.
/// </summary>
internal sealed class ConfigurationInvariants(SupervisorState state)
{
    private readonly Dictionary<int, int> _sent = [];
    private readonly HashSet<ServiceState> _reloadingServices = [];
    private int _accepted;
    private int? _reloading;
    private int _acceptedBefore;

    public void Check(SupervisorMessage message, IReadOnlyList<SupervisorCommand> commands)
    {
        switch (message)
        {
            case SupervisorMessage.SettingsChanged:
                _accepted++;
                break;
            case SupervisorMessage.ReloadRequested { Action: ReloadAction.ReloadServices } reload
                when state.Phase == SupervisorPhase.Running:
                (_reloading, _acceptedBefore) = (reload.Request, _accepted);
                _reloadingServices.Clear();
                _reloadingServices.UnionWith(state.Services.Where(s => s.Settings.ReloadMethod == ReloadMethod.Auto));
                break;
        }

        foreach (var command in commands)
        {
            Check(command);
        }

        if (message is SupervisorMessage.SettingsChanged { WithoutReload: true })
        {
            CheckWorkers(_accepted, HasNewestValues);
        }
    }

    private void Check(SupervisorCommand command)
    {
        switch (command)
        {
            case AssignWorker assign:
                _sent[assign.Spawn] = _accepted;
                break;
            case PublishConfiguration publish:
                if (!HasNewestValues(state.Processes[publish.Spawn]))
                {
                    throw new AssertionException($"process {publish.Spawn} was sent new values without a reload");
                }

                _sent[publish.Spawn] = _accepted;
                break;
            case ReloadWorker reload:
                _sent[reload.Spawn] = _accepted;
                break;
            case CompleteReload complete when complete.Request == _reloading:
                _reloading = null;
                CheckWorkers(_acceptedBefore, process => _reloadingServices.Contains(process.Slot.Service));
                break;
        }
    }

    private bool HasNewestValues(ProcessState process) => process.ValuesVersion == state.ValuesVersion;

    private void CheckWorkers(int accepted, Predicate<ProcessState> isConcerned)
    {
        foreach (var slot in state.Services.Where(s => s.Settings.ReloadMethod == ReloadMethod.Auto).SelectMany(s => s.Slots))
        {
            if (state.Phase == SupervisorPhase.Running && slot is { IsInTarget: true, Process: { Works: true } process }
                && isConcerned(process) && _sent.GetValueOrDefault(process.Spawn, -1) < accepted)
            {
                throw new AssertionException(
                    $"{slot.Service.Name}({slot.WorkerId}) was sent configuration {_sent.GetValueOrDefault(process.Spawn)}, not {accepted}");
            }
        }
    }
}
