using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Supervision.SupervisorMessage;

namespace Cotyledon.Hosting.Supervision;

/// <summary>Applies new options.</summary>
internal readonly ref partial struct Decide
{
    private void OnSettingsChanged(SettingsChanged changed)
    {
        _state.Settings = changed.Settings;
        _state.ConfigurationVersion++;
        _state.ValuesVersion += changed.WithoutReload || !changed.HasChangedValues ? 0 : 1;
        var retried = new List<string>();
        foreach (var settings in changed.Services)
        {
            var service = _state.Services.Single(s => s.Name == settings.Name);
            var old = service.Settings;
            service.Settings = settings;
            if (!settings.Equals(old))
            {
                retried.Add(settings.Name);
            }

            if (_state.Phase == SupervisorPhase.Running)
            {
                Apply(service, old);
                if (changed.WithoutReload)
                {
                    PublishConfiguration(service);
                }
            }
        }

        if (_state.Phase == SupervisorPhase.Running)
        {
            OfferClusterServices(retried);
            ScaleSpares();
        }
    }

    private void Apply(ServiceState service, ServiceSettings old)
    {
        var settings = service.Settings;
        if (!settings.Equals(old))
        {
            RetryDownSlots(service);
        }

        // Only if the configuration has changed the number. A number that the API has set stays until then.
        if (settings.Workers != old.Workers && !service.IsOfCluster)
        {
            Scale(service, settings.Workers);
        }

        if (settings.GracefulTimeout != old.GracefulTimeout || settings.LivenessTimeout != old.LivenessTimeout)
        {
            UpdateWorkers(service);
        }

        if (!settings.HasSameChecksAs(old))
        {
            foreach (var slot in service.Slots.Where(s => s.Process is { Works: true }))
            {
                BeginChecks(slot.Process!);
            }
        }

        if (!settings.Start.Equals(old.Start))
        {
            ReplaceAll(service);
        }
    }

    /// <summary>
    /// Lets the launcher send the configuration to the workers of a service. A process without a worker id gets it with its assignment. A worker
    /// that keeps old values gets it with its next reload, because the configuration also has the values that were withheld from it.
    /// </summary>
    private void PublishConfiguration(ServiceState service)
    {
        foreach (var slot in service.Slots)
        {
            if (service.Settings.ReloadMethod != ReloadMethod.None && slot.Process is { Incarnation: > 0, IsLeaving: false } process
                && process.ValuesVersion == _state.ValuesVersion)
            {
                _commands.Add(new PublishConfiguration(process.Spawn));
            }
        }
    }

    /// <summary>Replaces all workers of a service, because the start settings of a running process cannot be changed.</summary>
    private void ReplaceAll(ServiceState service)
    {
        foreach (var slot in service.Slots.Where(s => s.IsInTarget))
        {
            Replace(slot);
        }
    }
}
