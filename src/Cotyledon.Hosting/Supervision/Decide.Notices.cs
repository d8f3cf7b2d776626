namespace Cotyledon.Hosting.Supervision;

/// <summary>What the service manager is told, and when: nothing where there is none.</summary>
internal readonly ref partial struct Decide
{
    /// <summary>A crash loop of many workers is no flood of lines; the last one always comes.</summary>
    private static readonly TimeSpan StatusInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>A watchdog that nobody can have meant is not to keep the loop busy.</summary>
    private static readonly TimeSpan MinWatchdogInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// So much time is asked for, so often. systemd only ever moves its timeout later by this, and ends a master that hangs when the
    /// last of it has passed.
    /// </summary>
    private static readonly TimeSpan Extension = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan ExtensionInterval = TimeSpan.FromSeconds(10);

    /// <summary>What may come on top of the timeouts that are kept here: the rest of the host has to stop as well.</summary>
    private static readonly TimeSpan ExtensionReserve = TimeSpan.FromSeconds(10);

    private void BeginNotices(ServiceManager? manager)
    {
        _state.Notices.Manager = manager;
        BeatWatchdog();
    }

    private void OnReloadAnnounced(bool begins)
    {
        var notices = _state.Notices;

        // systemd wants no word of it before it has heard that all are ready, nor when it has heard that they stop.
        if (notices.IsReloading == begins || !_state.IsAnnounced || _state.Phase != SupervisorPhase.Running)
        {
            return;
        }

        notices.IsReloading = begins;
        TellStatus(atOnce: true);
        Notify(begins ? new Notice.Reloading() : new Notice.Ready());
    }

    private void OnConfigurationChecked(bool isGood)
    {
        _state.Notices.IsConfigurationBad = !isGood;
        _state.Notices.IsStatusStale = true;
    }

    private void OnNoticeDue(NoticeAlarm alarm)
    {
        if (alarm == _state.Notices.Watchdog)
        {
            BeatWatchdog();
        }
        else if (alarm == _state.Notices.Extension)
        {
            ExtendTimeout();
        }
    }

    /// <summary>After each message, when all that follows from it is decided.</summary>
    private void TellServiceManager()
    {
        if (_state.Notices.Manager is null || _state.HasStopped)
        {
            return;
        }

        ExtendTimeoutWhereItWaits();
        _state.Notices.IsStatusStale |= _commands.Count > 0;
        TellStatus(atOnce: false);
    }

    /// <param name="atOnce">Whoever waits for what is announced next looks at the status then.</param>
    private void TellStatus(bool atOnce)
    {
        var notices = _state.Notices;
        if (notices.Manager is null || (!notices.IsStatusStale && !atOnce))
        {
            return;
        }

        if (_now < notices.NextStatusAt && !atOnce)
        {
            if (notices.Status.Deadline is null)
            {
                _state.Alarms.Set(notices.Status, notices.NextStatusAt);
            }

            return;
        }

        var text = StatusLine.Of(_state);
        notices.IsStatusStale = false;
        notices.NextStatusAt = _now + StatusInterval;
        if (text != notices.LastStatus)
        {
            notices.LastStatus = text;
            Notify(new Notice.Status(text));
        }
    }

    /// <summary>Twice within the timeout, as sd_watchdog_enabled(3) recommends, and by nobody but the loop.</summary>
    private void BeatWatchdog()
    {
        if (_state.Notices.Manager?.WatchdogTimeout is { } timeout)
        {
            Notify(new Notice.Watchdog());
            var interval = timeout / 2;
            _state.Alarms.Set(_state.Notices.Watchdog, _now + (interval > MinWatchdogInterval ? interval : MinWatchdogInterval));
        }
    }

    /// <summary>
    /// The first extension comes at once: it counts only if it comes within systemd's own timeout (systemd.service(5),
    /// TimeoutStartSec, TimeoutStopSec), and nobody here knows how short that is. Within that timeout it changes nothing.
    /// </summary>
    private void ExtendTimeoutWhereItWaits()
    {
        var notices = _state.Notices;
        var wait = WhatTheManagerWaitsFor;
        var progress = ProgressWith(wait);
        var isNew = wait != notices.Wait;
        if (isNew || progress > notices.Progress)
        {
            (notices.Wait, notices.Progress, notices.ProgressAt) = (wait, progress, _now);
        }

        if (isNew)
        {
            ExtendTimeout();
        }
    }

    private void ExtendTimeout()
    {
        var notices = _state.Notices;
        notices.Extension.Deadline = null;
        if (notices.Wait == ManagerWait.None)
        {
            return;
        }

        _state.Alarms.Set(notices.Extension, _now + ExtensionInterval);
        var left = TimeFor(notices.Wait) is { } time ? notices.ProgressAt + time - _now : Extension;
        if (left > TimeSpan.Zero)
        {
            Notify(new Notice.ExtendTimeout(left < Extension ? left : Extension));

            // systemd gives its watchdog as much time, which the next beat takes back.
            BeatWatchdog();
        }
    }

    private ManagerWait WhatTheManagerWaitsFor => _state.Phase switch
    {
        SupervisorPhase.Terminating or SupervisorPhase.Stopping => ManagerWait.Stop,
        SupervisorPhase.Running when !_state.IsAnnounced => ManagerWait.Start,
        SupervisorPhase.Running when _state.Notices.IsReloading => ManagerWait.Reload,
        _ => ManagerWait.None,
    };

    private int ProgressWith(ManagerWait wait) => wait switch
    {
        ManagerWait.Start => _state.Services.Sum(s => s.Ready),
        ManagerWait.Reload => _state.Operation is { } operation ? -operation.Pending : int.MinValue,
        _ => 0,
    };

    /// <summary>
    /// What one step may take by the timeouts that are kept here, so that a start or a reload that does not get on is left to
    /// systemd's timeout. <see langword="null"/>: for ever.
    /// </summary>
    private TimeSpan? TimeFor(ManagerWait wait) => ExtensionReserve + wait switch
    {
        ManagerWait.Start => Longest(s => s.ReadyTimeout),
        ManagerWait.Reload => _state.Settings.HookTimeout + Longest(s => s.ReadyTimeout) + Longest(s => s.GracefulTimeout),
        _ => _state.Settings.HookTimeout + Longest(s => s.GracefulTimeout) + ServiceSettings.KillDelay + _state.Settings.ReapTimeout,
    };

    private TimeSpan? Longest(Func<ServiceSettings, TimeSpan> timeout)
    {
        var longest = TimeSpan.Zero;
        foreach (var service in _state.Services)
        {
            var time = timeout(service.Settings);
            if (time == Timeout.InfiniteTimeSpan)
            {
                return null;
            }

            longest = time > longest ? time : longest;
        }

        return longest;
    }

    private void Notify(Notice notice)
    {
        if (_state.Notices.Manager is not null)
        {
            _commands.Add(new SupervisorCommand.Notify(notice));
        }
    }
}
