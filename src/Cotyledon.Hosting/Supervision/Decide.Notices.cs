namespace Cotyledon.Hosting.Supervision;

/// <summary>Decides which notices are sent to the service manager, and when. Without a service manager there are none.</summary>
internal readonly ref partial struct Decide
{
    /// <summary>The shortest time between two status lines, for example while many workers crash. The last status is always sent.</summary>
    private static readonly TimeSpan StatusInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>A lower limit, so that a very short watchdog timeout does not keep the loop busy.</summary>
    private static readonly TimeSpan MinWatchdogInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// The time that each extension requests. An extension can only move systemd's timeout to a later time. If the master hangs, systemd
    /// stops it at the end of the last extension.
    /// </summary>
    private static readonly TimeSpan Extension = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan ExtensionInterval = TimeSpan.FromSeconds(10);

    /// <summary>Added to the timeouts that the supervisor enforces, because the rest of the host has to start or stop as well.</summary>
    private static readonly TimeSpan ExtensionReserve = TimeSpan.FromSeconds(10);

    private void BeginNotices(ServiceManager? manager)
    {
        _state.Notices.Manager = manager;
        BeatWatchdog();
    }

    private void OnReloadAnnounced(bool begins)
    {
        _state.AnnouncedReloads = Math.Max(0, _state.AnnouncedReloads + (begins ? 1 : -1));
        if (_state.Notices.IsReloading != begins && (begins || _state.AnnouncedReloads == 0))
        {
            Announce(begins);
        }
    }

    /// <summary>
    /// Announces the reload also if another one is announced already: a service manager that has sent the signal waits for an announcement that
    /// is later than the signal.
    /// </summary>
    private void OnReloadSignaled()
    {
        _state.AnnouncedReloads++;
        Announce(isReloading: true);
    }

    private void Announce(bool isReloading)
    {
        // READY=1 at the end of a reload would announce a start that has not completed, or contradict STOPPING=1.
        if (!_state.IsAnnounced || _state.Phase != SupervisorPhase.Running)
        {
            return;
        }

        _state.Notices.IsReloading = isReloading;
        TellStatus(atOnce: true);
        Notify(isReloading ? new Notice.Reloading() : new Notice.Ready());
    }

    private void OnConfigurationChecked(bool isGood)
    {
        _state.Notices.IsConfigurationBad = !isGood;
        _state.Notices.IsStatusStale = true;
    }

    private void OnNoticeDue(NoticeTimer timer)
    {
        if (timer == _state.Notices.Watchdog)
        {
            BeatWatchdog();
        }
        else if (timer == _state.Notices.Extension)
        {
            ExtendTimeout();
        }
    }

    /// <summary>Called after each message, when its other commands have been decided.</summary>
    private void TellServiceManager()
    {
        if (_state.Notices.Manager is null || _state.HasStopped)
        {
            return;
        }

        ExtendTimeoutWhereItWaits();

        // The service manager also counts the time in which this process was paused, in which the other deadlines do not come nearer.
        if (_state.RealTime >= _state.NextExtension)
        {
            ExtendTimeout();
        }

        if (_state.RealTime >= _state.NextWatchdog)
        {
            BeatWatchdog();
        }

        _state.Notices.IsStatusStale |= _commands.Count > 0;
        TellStatus(atOnce: false);
    }

    /// <param name="atOnce">Whether the status is sent without a delay, because the next notice ends a wait of the service manager.</param>
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
                _state.Deadlines.Set(notices.Status, notices.NextStatusAt);
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

    /// <summary>
    /// Notifies the watchdog twice within its timeout, as sd_watchdog_enabled(3) recommends. The supervisor's loop does it itself, so the
    /// watchdog notices if the loop hangs.
    /// </summary>
    private void BeatWatchdog()
    {
        if (_state.Notices.Manager?.WatchdogTimeout is { } timeout)
        {
            Notify(new Notice.Watchdog());
            var interval = timeout / 2 > MinWatchdogInterval ? timeout / 2 : MinWatchdogInterval;
            _state.Deadlines.Set(_state.Notices.Watchdog, _now + interval);
            _state.NextWatchdog = _state.RealTime + interval;
        }
    }

    /// <summary>
    /// Sends the first extension immediately. systemd accepts it only within its own timeout (systemd.service(5), TimeoutStartSec,
    /// TimeoutStopSec), which the master does not know. An extension that ends before that timeout has no effect.
    /// </summary>
    private void ExtendTimeoutWhereItWaits()
    {
        var notices = _state.Notices;
        var wait = WhatTheManagerWaitsFor;
        var progress = ProgressWith(wait);
        var isNew = wait != notices.Wait;

        // An announced reload may have to wait for other operations, so their ends are progress too.
        var operation = wait == ManagerWait.Reload ? _state.Operation : null;
        if (isNew || progress > notices.Progress || operation != _state.AwaitedOperation)
        {
            (notices.Wait, notices.Progress, notices.ProgressAt) = (wait, progress, _now);
            _state.AwaitedOperation = operation;
        }

        if (isNew)
        {
            ExtendTimeout();
        }
    }

    private void ExtendTimeout()
    {
        var notices = _state.Notices;
        (notices.Extension.Deadline, _state.NextExtension) = (null, null);
        if (notices.Wait == ManagerWait.None)
        {
            return;
        }

        _state.Deadlines.Set(notices.Extension, _now + ExtensionInterval);
        _state.NextExtension = _state.RealTime + ExtensionInterval;
        var left = TimeFor(notices.Wait) is { } time ? notices.ProgressAt + time - _now : Extension;
        if (left > TimeSpan.Zero)
        {
            Notify(new Notice.ExtendTimeout(left < Extension ? left : Extension));

            // EXTEND_TIMEOUT_USEC also extends the watchdog timeout of systemd. The next watchdog notice ends that extension.
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
    /// The longest time that one step takes by the timeouts that the supervisor enforces; <see langword="null"/> for no limit. A start or
    /// a reload without progress for that time gets no more extensions, so systemd's timeout applies.
    /// </summary>
    private TimeSpan? TimeFor(ManagerWait wait) => ExtensionReserve + wait switch
    {
        ManagerWait.Start => Longest(s => s.ReadyTimeout),
        // Both timeouts apply twice: to the reload in place and the stop of a worker, and to the hello and the start of its successor.
        ManagerWait.Reload => _state.Settings.HookTimeout + (2 * Longest(s => s.ReadyTimeout)) + (2 * Longest(s => s.GracefulTimeout))
            + _state.Settings.ExitTimeout,
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
